import type { AnyEventType } from '#ledger/event.js';
import { leafHash, merkleRoot } from '#ledger/merkle.js';
import type { Record as LogRecord } from '#ledger/record.js';
import type { Head } from './domain/audit.js';
import { LogVerified } from './domain/events.js';
import { ArtifactErased, KeyRotated } from './domain/log-events.js';
import { packId, type Id } from './id-table.js';
import type { SeenRotation } from './judge-keys.js';
import { NewNames, type Name } from './new-names.js';
import { EventReader, readRecord } from './read-entry.js';

const HASH_BYTES = 32;
/** Of an id and of a cause. */
const ID_WORDS = 4;
const NO_RECORD = -1;
/** So many leaves that follow each other are hashed to one node before they are handed over. */
export const BLOCK = 256;
/** Of the tree over a block. */
export const BLOCK_HEIGHT = 8;

/** What few records have to say beyond their place. `at`: which of the records. */
export type Remark = Readonly<{ at: number }> &
  Readonly<
    | { says: 'unreadable' | 'malformed'; message: string }
    | { says: 'names'; name: Name }
    | { says: 'erased'; artifact: string }
    | { says: 'verified'; head: Head }
    | { says: 'rotated'; rotation: Omit<SeenRotation, 'index' | 'position'> }
  >;

/** What a look at each of some records shows, packed, since it goes from thread to thread. */
export type Inspected = Readonly<{
  /** Leaf hashes, 32 bytes each. */
  leaves: Uint8Array;
  /** The root over them, where they are as many as a block has. */
  root: Uint8Array | undefined;
  /** Streams in the order in which the records come by them. */
  streams: readonly string[];
  /** Which of these the record stands in; none where it is no record. */
  streamOf: Int32Array;
  revisions: Float64Array;
  /** Id and cause of each, but for odd ones. */
  ids: Uint32Array;
  /** Ids and causes by record that cannot be packed. */
  oddIds: ReadonlyMap<number, readonly [string, string]>;
  /** In the order of the records. */
  remarks: readonly Remark[];
}>;

/** Number of a record's stream; undefined: it is no record. */
export const streamAt = ({ streamOf }: Inspected, at: number): number | undefined => {
  const stream = streamOf[at] as number;
  return stream === NO_RECORD ? undefined : stream;
};

/** Id and cause of a record. */
export const idsAt = ({ ids, oddIds }: Inspected, at: number): readonly [Id, Id] =>
  oddIds.get(at) ?? [
    { words: ids, at: 2 * ID_WORDS * at },
    { words: ids, at: 2 * ID_WORDS * at + ID_WORDS },
  ];

/** Looks at records, each by itself: its hash, whether its bytes are canonical, whether it has the shape of its event. */
export class Inspector {
  private readonly reader: EventReader;
  private readonly names: NewNames;

  constructor(events: readonly AnyEventType[]) {
    this.reader = new EventReader(events);
    this.names = new NewNames(events);
  }

  inspect(entries: readonly Uint8Array[]): Inspected {
    const { length } = entries;
    const [leaves, streamOf] = [new Uint8Array(length * HASH_BYTES), new Int32Array(length).fill(NO_RECORD)];
    const [revisions, ids] = [new Float64Array(length), new Uint32Array(length * 2 * ID_WORDS)];
    const streams = new Map<string, number>();
    const oddIds = new Map<number, readonly [string, string]>();
    const remarks: Remark[] = [];
    for (const [at, bytes] of entries.entries()) {
      leaves.set(leafHash(bytes), at * HASH_BYTES);
      const record = this.read(at, bytes, remarks);
      if (!record) continue;
      const { stream, revision, id, causationId } = record;
      const number = streams.get(stream) ?? streams.size;
      if (number === streams.size) streams.set(stream, number);
      streamOf[at] = number;
      revisions[at] = revision;
      if (!packIds(record, ids, 2 * ID_WORDS * at)) oddIds.set(at, [id, causationId]);
      this.checkEvent(at, record, remarks);
    }
    const root = length === BLOCK ? rootOf(leaves) : undefined;
    return { leaves, root, streams: [...streams.keys()], streamOf, revisions, ids, oddIds, remarks };
  }

  private read(at: number, bytes: Uint8Array, remarks: Remark[]): LogRecord | undefined {
    try {
      const { record, hashes } = readRecord(bytes, this.names);
      for (const name of this.names.in(record, hashes)) remarks.push({ at, says: 'names', name });
      return record;
    } catch (error) {
      remarks.push({ at, says: 'unreadable', message: (error as Error).message });
      return undefined;
    }
  }

  private checkEvent(at: number, record: LogRecord, remarks: Remark[]): void {
    try {
      this.reader.check(record);
    } catch (error) {
      remarks.push({ at, says: 'malformed', message: (error as Error).message });
      return;
    }
    switch (record.type) {
      case KeyRotated.type:
        remarks.push({ at, says: 'rotated', rotation: KeyRotated.decode(record).data });
        return;
      case ArtifactErased.type:
        remarks.push({ at, says: 'erased', artifact: ArtifactErased.decode(record).data.artifact });
        return;
      case LogVerified.type: {
        const { events: size, root } = LogVerified.decode(record).data;
        remarks.push({ at, says: 'verified', head: { size, root } });
      }
    }
  }
}

const packIds = ({ id, causationId }: LogRecord, ids: Uint32Array, at: number): boolean => {
  if (!packId(id, ids, at)) return false;
  if (causationId !== id) return packId(causationId, ids, at + ID_WORDS);
  ids.copyWithin(at + ID_WORDS, at, at + ID_WORDS);
  return true;
};

/** A copy: what hashing gives lies in memory that others use too. */
const rootOf = (leaves: Uint8Array): Uint8Array => {
  const each = Array.from({ length: BLOCK }, (_, at) => leaves.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));
  return new Uint8Array(merkleRoot(each));
};
