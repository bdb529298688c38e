import { parseRecord, type Proposed, type Record } from '#ledger/record.js';
import type { CountedIds } from '#store/counted-ids.js';
import { LmdbLog } from '#store/lmdb-log.js';

/** An append that was acknowledged. */
export type Acknowledged = Readonly<{ stream: string; revision: number; position: number; ids: readonly string[] }>;

/** Events that say how many belong together, and which of them each is. */
export const group = (ids: CountedIds, size: number, paddingBytes: number): readonly Proposed[] => {
  const name = ids.next();
  return Array.from({ length: size }, (_, at) => ({
    id: at === 0 ? name : ids.next(),
    type: 'Happened',
    version: 1,
    recordedAt: '2025-01-02T03:04:05.678Z',
    actor: { kind: 'service' as const, id: 'appender', build: 'test' },
    causationId: name,
    correlationId: name,
    data: { at, size, padding: 'x'.repeat(paddingBytes) },
  }));
};

/** Every record of a log, whose positions must follow one another. */
export const recordsOf = async (log: LmdbLog): Promise<readonly Record[]> => {
  const records: Record[] = [];
  for await (const { position, bytes } of log.readAll()) {
    if (position !== records.length + 1) throw new Error(`position ${position} comes after ${records.length}`);
    records.push(parseRecord(bytes));
  }
  return records;
};

/** Streams with a gap, and ids that are there twice. */
const gapsIn = (records: readonly Record[]): readonly string[] => {
  const next = new Map<string, number>();
  const seen = new Set<string>();
  return records.flatMap(({ stream, revision, id }) => {
    const expected = next.get(stream) ?? 0;
    next.set(stream, revision + 1);
    const twice = seen.has(id) ? [`event ${id} is there twice`] : [];
    seen.add(id);
    return revision === expected ? twice : [...twice, `${stream} has ${revision} where ${expected} is due`];
  });
};

/** Appends of which a part only lies there: events of one stand side by side, from the first to the last. */
const halvesIn = (records: readonly Record[]): readonly string[] =>
  records.flatMap(({ id, causationId, data }, index) => {
    const { at, size } = data as { at: number; size: number };
    const last = records[index - at + size - 1];
    const { at: lastAt } = (last?.data ?? {}) as { at?: number };
    return last?.causationId === causationId && lastAt === size - 1 ? [] : [`the append of event ${id} is not whole`];
  });

/** What was acknowledged and does not lie where it was said to. */
const lostFrom = (records: readonly Record[], acknowledged: readonly Acknowledged[]): readonly string[] =>
  acknowledged.flatMap(({ stream, revision, position, ids }) => {
    const there = records.slice(position - ids.length, position);
    const last = there.at(-1);
    const same = there.map(({ id }) => id).join() === ids.join();
    return same && last?.stream === stream && last.revision === revision
      ? []
      : [`the append acknowledged at position ${position} of ${stream} is not there`];
  });

/** What is wrong with a log that was appended to by groups, some of which were acknowledged. */
export const faultsIn = (records: readonly Record[], acknowledged: readonly Acknowledged[]): readonly string[] => [
  ...gapsIn(records),
  ...halvesIn(records),
  ...lostFrom(records, acknowledged),
];
