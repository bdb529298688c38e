import type { sendUnaryData, ServerReadableStream } from '@grpc/grpc-js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams, { type AppendReq, type AppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import { WrongExpectedRevision } from '#ledger/log.js';
import type { Appended, Appending } from './appending.js';
import type { Calls } from './calls.js';
import { expectedOf, Proposals } from './proposal.js';
import { Refusal, refusalOf } from './refusal.js';
import { streamOf } from './wire.js';

const succeeded = ({ revision, position }: Appended): AppendResp => {
  const success = new streams.AppendResp.Success();
  if (revision === 'no-stream') success.setNoStream(new shared.Empty());
  else success.setCurrentRevision(String(revision));
  if (position === undefined) success.setNoPosition(new shared.Empty());
  else {
    const place = new streams.AppendResp.Position();
    success.setPosition(place.setCommitPosition(String(position)).setPreparePosition(String(position)));
  }
  return new streams.AppendResp().setSuccess(success);
};

const wrongVersion = ({ expected, actual }: WrongExpectedRevision): AppendResp => {
  const wrong = new streams.AppendResp.WrongExpectedVersion();
  if (actual === 'no-stream') wrong.setCurrentNoStream(new shared.Empty());
  else wrong.setCurrentRevision(String(actual));
  if (expected === 'any') wrong.setExpectedAny(new shared.Empty());
  else if (expected === 'no-stream') wrong.setExpectedNoStream(new shared.Empty());
  else if (expected === 'stream-exists') wrong.setExpectedStreamExists(new shared.Empty());
  else wrong.setExpectedRevision(String(expected));
  return new streams.AppendResp().setWrongExpectedVersion(wrong);
};

/** One append in one call: first where to, then the events, each in a message of its own. */
export const appendCall =
  (appending: Appending, calls: Calls) =>
  (call: ServerReadableStream<AppendReq, AppendResp>, send: sendUnaryData<AppendResp>): void => {
    const proposals = new Proposals();
    let options: AppendReq.Options | undefined;
    let open = true;
    const answer = (response: AppendResp | undefined, error?: unknown): void => {
      if (!open) return;
      open = false;
      forget();
      if (response) send(null, response);
      else send(refusalOf(error));
    };
    const forget = calls.opened((refusal) => answer(undefined, refusal));
    const take = (request: AppendReq): void => {
      if (!open) return;
      options ??= request.getOptions();
      const message = request.getProposedMessage();
      if (message) proposals.add(message);
    };
    const append = async (): Promise<AppendResp> => {
      const who = await calls.whoAsks(call.metadata);
      if (!options) throw Refusal.malformed('the append does not say which stream it is for');
      const stated = options;
      const expected = expectedOf(stated, () => stated.getRevision());
      return succeeded(await appending.append(who, streamOf(stated.getStreamIdentifier()), expected, proposals.list));
    };
    call.on('data', (request: AppendReq) => {
      try {
        take(request);
      } catch (error) {
        answer(undefined, error);
      }
    });
    call.on('end', () => {
      if (!open) return;
      append().then(answer, (error: unknown) =>
        error instanceof WrongExpectedRevision ? answer(wrongVersion(error)) : answer(undefined, error),
      );
    });
    call.on('cancelled', () => answer(undefined, Refusal.stopping()));
    call.on('error', () => undefined);
  };
