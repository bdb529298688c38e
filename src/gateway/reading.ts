import type { ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { headOf, type Log, type Recorded } from '#ledger/log.js';
import { presented } from './presented.js';
import { caughtUp, checkpoint, confirmation, eventAnswer, streamNotFound } from './read-answer.js';
import type { Asked } from './read-options.js';

type Answers = AsyncGenerator<ReadResp>;

/** What comes of a record through a filter. */
const passes = ({ filter }: Asked, recorded: Recorded): boolean =>
  !filter || filter.passes({ stream: recorded.record.stream, type: presented(recorded).type });

const lastRevision = async (log: Log, stream: string): Promise<number | undefined> => {
  for await (const { record } of log.readStream(stream, { direction: 'backward', limit: 1 })) return record.revision;
  return undefined;
};

/** From a revision on, itself included; a stream that is not there is said to be none. */
async function* readStream(log: Log, stream: string, asked: Asked, limit: number): Answers {
  const { from, backward, structuredIds } = asked;
  if ((await lastRevision(log, stream)) === undefined) {
    yield streamNotFound(stream);
    return;
  }
  if (from === 'end' && !backward) return;
  const first = from === 'start' ? 0 : from === 'end' ? undefined : from;
  const direction = backward ? 'backward' : 'forward';
  for await (const recorded of log.readStream(stream, {
    direction,
    limit,
    ...(first !== undefined && { from: first }),
  }))
    yield eventAnswer(recorded, structuredIds);
}

/** Forward from a position, itself included; backward from before it, as the protocol has it. */
async function* readAll(log: Log, asked: Asked, limit: number): Answers {
  const { from, backward, structuredIds } = asked;
  if (limit === 0 || from === (backward ? 'start' : 'end')) return;
  const first = typeof from === 'number' ? (backward ? from - 1 : Math.max(1, from)) : undefined;
  if (first !== undefined && first < 1) return;
  let left = limit;
  const direction = backward ? 'backward' : 'forward';
  for await (const recorded of log.readAll({ direction, ...(first !== undefined && { from: first }) })) {
    if (!passes(asked, recorded)) continue;
    yield eventAnswer(recorded, structuredIds);
    left -= 1;
    if (left === 0) return;
  }
}

/** Everything after a position, then whatever comes; with a filter, now and then the place that was looked up to. */
async function* followAll(log: Log, asked: Asked, id: string, signal: AbortSignal): Answers {
  const { from, filter, structuredIds } = asked;
  const head = await headOf(log);
  const after = from === 'start' ? 0 : from === 'end' ? head : from;
  yield confirmation(id);
  let behind = after < head;
  if (!behind) yield caughtUp();
  let considered = 0;
  for await (const recorded of log.subscribe({ after, signal })) {
    if (passes(asked, recorded)) yield eventAnswer(recorded, structuredIds);
    considered += 1;
    if (filter && considered % filter.checkpointEvery === 0) yield checkpoint(recorded.position);
    if (behind && recorded.position >= head) {
      behind = false;
      yield caughtUp();
    }
  }
}

/** Everything in a stream after a revision, then whatever comes, whether or not the stream is there yet. */
async function* followStream(log: Log, stream: string, asked: Asked, id: string, signal: AbortSignal): Answers {
  const { from, structuredIds } = asked;
  const head = await headOf(log);
  const last = (await lastRevision(log, stream)) ?? -1;
  let revision = from === 'start' ? -1 : from === 'end' ? last : from;
  yield confirmation(id);
  if (revision < last)
    for await (const recorded of log.readStream(stream, { from: revision + 1 })) {
      yield eventAnswer(recorded, structuredIds);
      revision = recorded.record.revision;
    }
  yield caughtUp();
  for await (const recorded of log.subscribe({ after: head, streamPrefix: stream, signal })) {
    if (recorded.record.stream !== stream || recorded.record.revision <= revision) continue;
    yield eventAnswer(recorded, structuredIds);
    revision = recorded.record.revision;
  }
}

/** The answers to a reading or a subscription, in their order. `id` names a subscription. */
export const answersTo = (log: Log, asked: Asked, id: () => string, signal: AbortSignal): Answers => {
  const { stream, limit } = asked;
  if (limit === undefined)
    return stream === undefined ? followAll(log, asked, id(), signal) : followStream(log, stream, asked, id(), signal);
  return stream === undefined ? readAll(log, asked, limit) : readStream(log, stream, asked, limit);
};
