import type { AnyEventType } from '#ledger/event.js';
import type { LogDamaged } from '#ledger/log.js';
import { leafHash } from '#ledger/merkle.js';
import type { Record as LogRecord } from '#ledger/record.js';
import type { NotedHead } from './compare-with-heads.js';
import { LogVerified } from './domain/events.js';
import { ArtifactErased, KeyRotated } from './domain/log-events.js';
import type { SeenRotation } from './judge-keys.js';
import type { Finding } from './domain/finding.js';
import type { Entry } from './domain/entry.js';
import { LeafTape } from './leaf-tape.js';
import { NamedArtifacts } from './named-artifacts.js';
import { EventReader, readRecord } from './read-entry.js';
import { Structure } from './structure.js';

/** Enough to name what happened; damage beyond it adds nothing a reader could use. */
const UNFIT_KEPT = 200;

/** Position of the last record read before, and the revision that comes next in each stream. */
export type ReadingFrom = Readonly<{
  position: number;
  streams: Readonly<Record<string, number>>;
  /** False: streams may begin anywhere. */
  fromStart?: boolean;
}>;
type Mark = Readonly<{ count: number; revisions: Readonly<Record<string, number>> }>;

/** Reads a log entry by entry and keeps what the judgement at the end needs. */
export class Reading {
  readonly tape: LeafTape;
  /** Streams that records were read of. */
  readonly touched = new Set<string>();
  readonly artifacts: NamedArtifacts;
  /** Heads that the log itself notes. */
  readonly heads: NotedHead[] = [];
  /** Where the log has had another key. */
  readonly rotations: SeenRotation[] = [];
  /** Entries that the store's checksum does not fit. */
  readonly unfit: Entry[] = [];
  private readonly structure: Structure;
  private readonly found: Finding[] = [];
  private readonly reader: EventReader;
  private last: number;
  private mark: Mark | undefined;

  /** @param from where an earlier reading ended, whose records are not read again */
  constructor(
    events: readonly AnyEventType[],
    private readonly dense: boolean,
    { position, streams, fromStart = true }: ReadingFrom = { position: 0, streams: {} },
  ) {
    this.last = position;
    this.tape = new LeafTape(position);
    this.structure = new Structure(streams, fromStart);
    this.reader = new EventReader(events);
    this.artifacts = new NamedArtifacts(events);
  }

  /** Notes how far the streams are once so many records are read. */
  markAt(count: number): void {
    this.mark = { count, revisions: this.structure.revisions };
  }

  /** What was noted there. */
  get marked(): Readonly<Record<string, number>> {
    return this.mark?.revisions ?? {};
  }

  get streams(): number {
    return this.structure.streams;
  }

  /** What the records themselves show to be wrong. */
  get findings(): readonly Finding[] {
    return [...this.found, ...this.structure.findings()];
  }

  take(entry: Entry): void {
    const { position, bytes } = entry;
    if (this.dense && position > this.last + 1) this.noteGap(this.last + 1, position - 1);
    this.last = position;
    this.tape.append(leafHash(bytes), position);
    if (this.unfit.length < UNFIT_KEPT && !entry.fits(position)) this.unfit.push(entry);
    const record = this.takeRecord(position, bytes);
    if (record) this.takeEvent(position, record);
    if (this.tape.count === this.mark?.count) this.markAt(this.tape.count);
  }

  /** The store gave up reading: nothing after the last entry can be seen. */
  stopAt(error: LogDamaged): void {
    this.malformed(this.last + 1, error.message);
  }

  private takeRecord(position: number, bytes: Uint8Array): LogRecord | undefined {
    try {
      const { record, hashes } = readRecord(bytes);
      this.touched.add(record.stream);
      this.structure.take(position, record);
      this.artifacts.take(position, record, hashes);
      return record;
    } catch (error) {
      this.structure.takeUnreadable();
      this.malformed(position, `not a record: ${(error as Error).message}`);
      return undefined;
    }
  }

  private takeEvent(position: number, record: LogRecord): void {
    try {
      this.reader.check(record);
    } catch (error) {
      this.malformed(position, (error as Error).message);
      return;
    }
    if (record.type === KeyRotated.type)
      this.rotations.push({ index: this.tape.count - 1, position, ...KeyRotated.decode(record).data });
    if (record.type === ArtifactErased.type) this.artifacts.takeErased(ArtifactErased.decode(record).data.artifact);
    if (record.type !== LogVerified.type) return;
    const { events, root } = LogVerified.decode(record).data;
    this.heads.push({ size: events, root, by: `the verification recorded at position ${position}` });
  }

  private noteGap(from: number, to: number): void {
    const missing = from === to ? `position ${from} is` : `positions ${from} to ${to} are`;
    this.found.push({ position: from, kind: 'gap', message: `${missing} empty` });
  }

  private malformed(position: number, message: string): void {
    this.found.push({ position, kind: 'malformed', message });
  }
}
