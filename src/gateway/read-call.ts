import { once, setMaxListeners } from 'node:events';
import { status, type ServerWritableStream } from '@grpc/grpc-js';
import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { Log } from '#ledger/log.js';
import type { Ids } from '#ledger/ports.js';
import type { Calls } from './calls.js';
import { askedOf } from './read-options.js';
import { answersTo } from './reading.js';
import { Refusal, refusalOf } from './refusal.js';

/** Answers one by one: a client that takes them slowly is waited for, and nothing is buffered for it. */
export const readCall =
  (log: Log, ids: Ids, calls: Calls) =>
  (call: ServerWritableStream<ReadReq, ReadResp>): void => {
    const gone = new AbortController();
    const { signal } = gone;
    setMaxListeners(0, signal);
    const end = (error: unknown): void => {
      if (signal.aborted) return;
      gone.abort();
      forget();
      call.emit('error', refusalOf(error));
    };
    const leave = (): void => {
      forget();
      gone.abort();
    };
    // As the server of this protocol ends what is open when it stops: clients connect again.
    const forget = calls.opened(({ details }) => end(new Refusal(status.CANCELLED, details)));
    call.on('cancelled', leave).on('close', leave).on('error', leave);

    const answer = async (): Promise<void> => {
      const who = await calls.whoAsks(call.metadata);
      if (!who.roles.includes('viewer')) throw Refusal.denied(`${who.id}: to read, the role viewer is needed`);
      for await (const response of answersTo(log, askedOf(call.request.getOptions()), () => ids.next(), signal)) {
        if (signal.aborted) return;
        if (!call.write(response)) await once(call, 'drain', { signal });
      }
      if (signal.aborted) return;
      leave();
      call.end();
    };
    answer().catch(end);
  };
