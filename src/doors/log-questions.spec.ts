import fc from 'fast-check';
import { leafHash } from '#ledger/merkle.js';
import type { Log } from '#ledger/log.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryLog } from '#store/memory-log.js';
import { logPage, recordAt, type LogFilter } from './log-questions.js';
import { LogTree } from './log-tree.js';
import type { LogRecord } from './log.view.js';

const ids = new CountedIds();
const event = (type: string) => {
  const id = ids.next();
  return {
    id,
    type,
    version: 1,
    recordedAt: '2025-06-01T12:00:00.000Z',
    actor: { kind: 'human', id: 'ada', build: 'b' } as const,
    causationId: id,
    correlationId: id,
    data: { text: 'ä"\n' },
  };
};

const fill = async (log: Log, count: number): Promise<void> => {
  for (let at = 0; at < count; at += 1)
    await log.append(`run-${at % 3}`, 'any', [event(at % 4 === 0 ? 'Even' : 'Odd')]);
};

/** Every page, as a reader follows the cursors; something is written in between. */
const all = async (log: Log, filter: LogFilter): Promise<readonly LogRecord[]> => {
  const found: LogRecord[] = [];
  let cursor: string | null = null;
  do {
    const page = await logPage(log, { ...filter, ...(cursor !== null && { cursor }) });
    expect(page.items.length).toBeLessThanOrEqual(filter.limit ?? 100);
    found.push(...page.items);
    cursor = page.nextCursor;
    if (cursor !== null) await log.append('run-0', 'any', [event('Odd')]);
  } while (cursor !== null);
  return found;
};

const filters = fc.record(
  {
    direction: fc.constantFrom('forward' as const, 'backward' as const),
    stream: fc.constantFrom('run-0', 'run-1', 'run-none'),
    type: fc.constantFrom('Even', 'Odd', 'None'),
    from: fc.integer({ min: 1, max: 40 }),
    limit: fc.integer({ min: 1, max: 12 }),
  },
  { requiredKeys: ['limit'] },
);

test('the pages of any list are exactly what passes its filters as of its beginning, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: 30 }), filters, async (count, filter) => {
      const log = new MemoryLog();
      await fill(log, count);
      const { direction = 'forward', stream, type, from } = filter;
      const positions = Array.from({ length: count }, (_, at) => at + 1).filter((position) => {
        const at = position - 1;
        if (from !== undefined && (direction === 'forward' ? position < from : position > from)) return false;
        return (
          (stream ?? `run-${at % 3}`) === `run-${at % 3}` &&
          (type ?? '') in { '': 1, [at % 4 === 0 ? 'Even' : 'Odd']: 1 }
        );
      });
      const found = await all(log, filter);
      expect(found.map(({ position }) => position)).toEqual(
        direction === 'forward' ? positions : positions.toReversed(),
      );
    }),
    { numRuns: 150 },
  );
});

test('what a record is shown with is enough to check it, and the head follows from the records', async () => {
  const log = new MemoryLog();
  const tree = new LogTree(log);
  const empty = await tree.head();
  expect(empty.size).toBe(0);
  await fill(log, 7);
  const { canonical, leafHash: leaf } = await recordAt(log, 3);
  expect(Buffer.from(leafHash(Buffer.from(canonical, 'utf8'))).toString('hex')).toBe(leaf);
  const [one, two] = await Promise.all([tree.head(), tree.head()]);
  expect(one).toEqual(two);
  expect(one).toEqual(await new LogTree(log).head());
  expect(one).toMatchObject({ size: 7, root: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

test('a place that is not there, a position to come and a cursor of another list are refused with what is allowed', async () => {
  const log = new MemoryLog();
  await fill(log, 5);
  await expect(recordAt(log, 6)).rejects.toThrow('the last one is at 5');
  await expect(logPage(log, { asOf: 6 })).rejects.toThrow('asOf: 6 is not allowed: 0 to 5');
  const { nextCursor } = await logPage(log, { limit: 2 });
  const cursor = nextCursor ?? '';
  await expect(logPage(log, { limit: 2, cursor, type: 'Odd' })).rejects.toThrow('belongs to another list');
  await expect(logPage(log, { cursor, asOf: 4 })).rejects.toThrow('not that of the cursor');
  for (const wrong of ['', 'x', `${cursor}x`, Buffer.from('{"kind":"log"}').toString('base64url')])
    await expect(logPage(log, { cursor: wrong })).rejects.toThrow('is no cursor');
});
