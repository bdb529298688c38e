import { CountedIds } from '#store/counted-ids.js';
import { MemoryLog } from '#store/memory-log.js';
import { eventStream } from './event-stream.js';
import { ProgressFeed, type ProgressTold } from './progress-feed.js';

const ids = new CountedIds();
const write = async (log: MemoryLog, stream: string): Promise<void> => {
  const id = ids.next();
  const actor = { kind: 'human', id: 'ada', build: 'b' } as const;
  const recordedAt = '2025-06-01T12:00:00.000Z';
  await log.append(stream, 'any', [
    { id, type: 'Something', version: 1, recordedAt, actor, causationId: id, correlationId: id, data: {} },
  ]);
};
const progress = (run: string, step: number): ProgressTold => ({
  run,
  cycle: 1,
  what: 'training',
  step,
  steps: 9,
  tokens: 64 * step,
  tokensPerSecond: 1,
});

const setUp = (run?: string) => {
  const [log, feed, stop] = [new MemoryLog(), new ProgressFeed(), new AbortController()];
  const open = (after = 0) => eventStream(log, feed, { after, run, signal: stop.signal });
  return { log, feed, stop, open };
};

const idsOf = (messages: readonly string[]): readonly (string | undefined)[] =>
  messages.map((message) => /^id: (\d+)$/m.exec(message)?.[1]).filter((id) => id !== undefined);

const take = async (messages: AsyncGenerator<string>, count: number): Promise<string[]> => {
  const taken: string[] = [];
  while (taken.length < count) {
    const { value, done } = await messages.next();
    if (done) return taken;
    taken.push(value);
  }
  return taken;
};

test('first everything after a position, then what comes, each as one message with its position', async () => {
  const { log, open } = setUp();
  for (const stream of ['run-a', 'run-b', 'run-a']) await write(log, stream);
  const messages = open(1);
  const first = await take(messages, 3);
  expect(first[0]).toBe('retry: 2000\n\n');
  expect(idsOf(first)).toEqual(['2', '3']);
  expect(first[1]).toMatch(/^id: 2\nevent: record\ndata: \{"position":2.*\}\n\n$/);
  const next = take(messages, 1);
  await write(log, 'run-c');
  expect(idsOf(await next)).toEqual(['4']);
  await messages.return(undefined);
});

test('of one run only its own records and progress', async () => {
  const { log, feed, open } = setUp('a');
  for (const stream of ['run-a', 'run-ab', 'run-b', 'run-a']) await write(log, stream);
  feed.tell(progress('b', 1));
  feed.tell(progress('a', 2));
  const messages = await take(open(), 4);
  expect(idsOf(messages)).toEqual(['1', '4']);
  expect(messages.filter((message) => message.startsWith('event: progress'))).toEqual([
    `event: progress\ndata: ${JSON.stringify(progress('a', 2))}\n\n`,
  ]);
});

test('a reader who takes nothing holds nothing up: of progress the latest word is left, records stay in the log', async () => {
  const { log, feed, open } = setUp();
  const messages = open();
  await take(messages, 1);
  for (let step = 0; step < 1000; step += 1) {
    feed.tell(progress('a', step));
    await write(log, 'run-a');
  }
  const taken = await take(messages, 1001);
  expect(idsOf(taken)).toHaveLength(1000);
  expect(taken.filter((message) => message.startsWith('event: progress'))).toEqual([
    `event: progress\ndata: ${JSON.stringify(progress('a', 999))}\n\n`,
  ]);
});

test('ends when the service stops, the log closes or the reader goes', async () => {
  const one = setUp();
  const waiting = take(one.open(), 5);
  one.stop.abort();
  expect(await waiting).toHaveLength(1);
  const two = setUp();
  const closed = take(two.open(), 5);
  await two.log.close();
  expect(await closed).toHaveLength(1);
});
