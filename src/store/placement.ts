import { IdConflict, WrongExpectedRevision, type Expected, type Receipt, type Recorded } from '#ledger/log.js';
import { recordBytes, type Proposed, type Record } from '#ledger/record.js';

/** What an append must know of the log it goes to. */
export interface Shelves {
  /** Position of the last record, 0 for none. */
  head(): number;
  lastRevision(stream: string): number | 'no-stream';
  find(id: string): Recorded | undefined;
}

/** Where an append goes. No entries: it is there already. */
export type Placement = Readonly<{ receipt: Receipt; entries: readonly Recorded[] }>;

const isAsExpected = (expected: Expected, actual: number | 'no-stream'): boolean =>
  expected === 'any' || expected === actual || (expected === 'stream-exists' && actual !== 'no-stream');

const toRecord = (stream: string, revision: number, proposed: Proposed): Record => ({ ...proposed, stream, revision });

/** The receipt of the append that wrote these very events, if every one of them lies there with the same bytes. */
const firstReceipt = (
  stream: string,
  events: readonly Proposed[],
  known: readonly (Recorded | undefined)[],
): Receipt => {
  const first = known[0]?.record.revision ?? 0;
  events.forEach((event, at) => {
    const there = known[at];
    if (!there)
      throw new IdConflict(`${stream}: event ${event.id} is new but others of the same append are in the log already`);
    const bytes = recordBytes(toRecord(stream, first + at, event));
    if (Buffer.compare(bytes, there.bytes) !== 0)
      throw new IdConflict(
        `${stream}: event id ${event.id} is in the log already with other bytes (${there.record.type} at revision ${there.record.revision} of ${there.record.stream}); a new event needs a new id`,
      );
  });
  const last = known.at(-1);
  return { stream, revision: first + events.length - 1, position: last?.position ?? 0 };
};

/**
 * Decides an append without writing anything.
 * @throws WrongExpectedRevision, IdConflict, MalformedRecord, NotCanonical, RecordTooLarge
 */
export const place = (shelves: Shelves, stream: string, expected: Expected, events: readonly Proposed[]): Placement => {
  if (events.length === 0) throw new RangeError(`${stream}: an append needs at least one event`);
  const known = events.map((event) => shelves.find(event.id));
  if (known.some((found) => found)) return { receipt: firstReceipt(stream, events, known), entries: [] };
  const actual = shelves.lastRevision(stream);
  if (!isAsExpected(expected, actual)) throw new WrongExpectedRevision(stream, expected, actual);
  const next = actual === 'no-stream' ? 0 : actual + 1;
  const head = shelves.head();
  const ids = new Set<string>();
  const entries = events.map((event, at) => {
    const record = toRecord(stream, next + at, event);
    const bytes = recordBytes(record);
    const id = event.id.toLowerCase();
    if (ids.has(id)) throw new IdConflict(`${stream}: event id ${event.id} stands twice in one append`);
    ids.add(id);
    return { position: head + 1 + at, record, bytes };
  });
  const receipt = { stream, revision: actual === 'no-stream' ? events.length - 1 : actual + events.length };
  return { receipt: { ...receipt, position: head + events.length }, entries };
};
