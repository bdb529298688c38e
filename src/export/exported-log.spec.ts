import { CountedIds } from '#store/counted-ids.js';
import { MemoryLog } from '#store/memory-log.js';
import type { Log, Recorded, ReadOptions } from '#ledger/log.js';
import { ExportedLog } from './exported-log.js';

const ids = new CountedIds();
const inMemory = new MemoryLog();
let exported: ExportedLog;

beforeAll(async () => {
  for (let at = 0; at < 12; at += 1) {
    const id = ids.next();
    const actor = { kind: 'service', id: 'test', build: 'test' } as const;
    const causes = { id, causationId: id, correlationId: id };
    const recordedAt = '2025-01-02T03:04:05.678Z';
    const proposed = { ...causes, type: `Type${at % 3}`, version: 1, recordedAt, actor, data: { at } };
    await inMemory.append(at % 2 === 0 ? 'run-a' : 'suite-a', 'any', [proposed]);
  }
  const all: Recorded[] = [];
  for await (const recorded of inMemory.readAll()) all.push(recorded);
  exported = new ExportedLog(all);
});

const read = async (recorded: AsyncIterable<Recorded>): Promise<readonly unknown[]> => {
  const all: unknown[] = [];
  for await (const { position, record } of recorded) all.push({ position, record });
  return all;
};

const OPTIONS: readonly ReadOptions[] = [
  {},
  { from: 3 },
  { from: 3, limit: 2 },
  { direction: 'backward' },
  { direction: 'backward', from: 4, limit: 3 },
  { limit: 0 },
  { from: 100 },
];

it.each(OPTIONS)('the records of an export are read as those of any log: %j', async (options) => {
  const questions: readonly ((log: Log) => AsyncIterable<Recorded>)[] = [
    (log) => log.readStream('run-a', options),
    (log) => log.readStream('nothing', options),
    (log) => log.readAll(options),
    (log) => log.readAll({ ...options, streamPrefix: 'suite-' }),
    (log) => log.readAll({ ...options, types: ['Type0', 'Type2'] }),
  ];
  for (const ask of questions) expect(await read(ask(exported))).toEqual(await read(ask(inMemory)));
});

it('and are not written', async () => {
  expect(() => exported.append()).toThrow('only read');
  const { record } = (await exported.withId('00000000-0000-4000-8000-000000000001')) ?? {};
  expect(record?.data).toEqual({ at: 0 });
  expect(exported.positionOf('suite-a', 2)).toBe(6);
  expect(exported.positionOf('suite-a', 20)).toBeNull();
});
