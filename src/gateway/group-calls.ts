import { status, type sendUnaryData, type ServerDuplexStream, type ServerUnaryCall } from '@grpc/grpc-js';
import persistent, {
  type CreateReq,
  type CreateResp,
  type DeleteReq,
  type DeleteResp,
  type GetInfoReq,
  type GetInfoResp,
  type ReadReq,
  type ReadResp,
} from '@eventstore/db-client/generated/persistent_pb.js';
import type { Right } from '#doors/allow.js';
import type { Ids } from '#ledger/ports.js';
import type { Calls } from './calls.js';
import type { Consumer, Group, Instead } from './group.js';
import { confirmed, groupEvent, groupInfo } from './group-answer.js';
import { groupOf, nameOf } from './group-options.js';
import type { Groups } from './groups.js';
import { Refusal, refusalOf } from './refusal.js';
import { idOf } from './wire.js';

const INSTEAD: readonly Instead[] = ['park', 'park', 'retry', 'skip', 'stop'];
const MOST_SLOTS = 1000;

type ReadCall = ServerDuplexStream<ReadReq, ReadResp>;

/** The calls about groups of consumers: who may make them, and what they answer. */
export class GroupCalls {
  constructor(
    private readonly groups: Groups,
    private readonly calls: Calls,
    private readonly ids: Ids,
  ) {}

  readonly create = this.answering<CreateReq, CreateResp>('operator', async (request) => {
    await this.groups.create(groupOf(request.getOptions()));
    return new persistent.CreateResp();
  });

  readonly delete = this.answering<DeleteReq, DeleteResp>('operator', async (request) => {
    await this.groups.delete(nameOf(request.getOptions()));
    return new persistent.DeleteResp();
  });

  readonly getInfo = this.answering<GetInfoReq, GetInfoResp>('viewer', async (request) =>
    groupInfo(this.groups.get(nameOf(request.getOptions()))),
  );

  /** One consumer, for as long as it is connected: first which group, then what became of each event. */
  readonly read = (call: ReadCall): void => {
    let joined: Readonly<{ group: Group; consumer: Consumer }> | undefined;
    let open = true;
    const leave = (): void => {
      open = false;
      forget();
      joined?.group.leave(joined.consumer);
    };
    const end = (error: unknown): void => {
      if (!open) return;
      leave();
      call.emit('error', refusalOf(error));
    };
    const forget = this.calls.opened(({ details }) => end(new Refusal(status.CANCELLED, details)));
    let turn: Promise<unknown> = Promise.resolve();
    call.on('data', (request: ReadReq) => {
      turn = turn.then(async () => {
        if (!open) return;
        if (joined) this.hear(joined.group, joined.consumer, request);
        else joined = await this.join(call, request, end);
        // It may have gone while it was let in.
        if (!open) joined.group.leave(joined.consumer);
      });
      turn.catch(end);
    });
    call.on('end', () => {
      leave();
      call.end();
    });
    call.on('cancelled', leave).on('error', leave);
  };

  private async join(call: ReadCall, request: ReadReq, end: (error: unknown) => void) {
    const who = await this.calls.whoAsks(call.metadata);
    if (!who.roles.includes('viewer') && !who.roles.includes('trainer'))
      throw Refusal.denied(`${who.id}: to take events, the role viewer or trainer is needed`);
    const options = request.getOptions();
    const group = this.groups.get(nameOf(options));
    const structuredIds = options?.getUuidOption()?.hasStructured() ?? false;
    const consumer: Consumer = {
      name: String(call.metadata.get('connection-name')[0] ?? ''),
      who: who.id,
      from: call.getPeer(),
      slots: Math.min(MOST_SLOTS, Math.max(1, options?.getBufferSize() ?? 1)),
      send: (recorded, retries) => void call.write(groupEvent(recorded, retries, structuredIds)),
      end,
    };
    group.join(consumer);
    call.write(confirmed(this.ids.next()));
    group.pump();
    return { group, consumer };
  }

  private hear(group: Group, consumer: Consumer, request: ReadReq): void {
    for (const id of request.getAck()?.getIdsList() ?? []) group.done(consumer, idOf(id));
    const refused = request.getNack();
    const instead = INSTEAD[Number(refused?.getAction() ?? 0)] ?? 'park';
    for (const id of refused?.getIdsList() ?? []) group.notDone(consumer, idOf(id), instead);
  }

  private answering<Q, A>(right: Right, answer: (request: Q) => Promise<A>) {
    return (call: ServerUnaryCall<Q, A>, send: sendUnaryData<A>): void => {
      const answered = async (): Promise<A> => {
        const who = await this.calls.whoAsks(call.metadata);
        if (!who.roles.includes(right)) throw Refusal.denied(`${who.id}: the role ${right} is needed`);
        return answer(call.request);
      };
      answered().then(
        (response) => send(null, response),
        (error: unknown) => send(refusalOf(error)),
      );
    };
  }
}
