import type { LogDamaged } from '#ledger/log.js';
import type { NotedHead } from './compare-with-heads.js';
import { idsAt, streamAt, type Inspected, type Remark } from './inspector.js';
import type { SeenRotation } from './judge-keys.js';
import type { Finding } from './domain/finding.js';
import type { Entry } from './domain/entry.js';
import { LeafTape } from './leaf-tape.js';
import { NamedArtifacts } from './named-artifacts.js';
import { Structure, type StreamSeen } from './structure.js';

/** Enough to name what happened; damage beyond it adds nothing a reader could use. */
const UNFIT_KEPT = 200;

/** Position of the last record read before, and the revision that comes next in each stream. */
export type ReadingFrom = Readonly<{
  position: number;
  streams: Readonly<Record<string, number>>;
  /** False: streams may begin anywhere. */
  fromStart?: boolean;
  /** Streams of which only some records are there. */
  inParts?: readonly string[];
}>;
type Mark = Readonly<{ count: number; revisions: Readonly<Record<string, number>> }>;

/** Takes a log in, some entries at a time, and keeps what the judgement at the end needs. */
export class Reading {
  readonly tape: LeafTape;
  /** Streams that records were read of. */
  readonly touched = new Set<string>();
  readonly artifacts = new NamedArtifacts();
  /** Heads that the log itself notes. */
  readonly heads: NotedHead[] = [];
  /** Where the log has had another key. */
  readonly rotations: SeenRotation[] = [];
  /** Entries that the store's checksum does not fit. */
  readonly unfit: Entry[] = [];
  private readonly structure: Structure;
  private readonly found: Finding[] = [];
  private last: number;
  private mark: Mark | undefined;

  /** @param from where an earlier reading ended, whose records are not read again */
  constructor(
    private readonly dense: boolean,
    { position, streams, fromStart = true, inParts = [] }: ReadingFrom = { position: 0, streams: {} },
  ) {
    this.last = position;
    this.tape = new LeafTape(position);
    this.structure = new Structure(streams, fromStart, inParts);
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

  /** @param seen what a look at these entries shows */
  take(entries: readonly Entry[], seen: Inspected): void {
    const before = this.tape.count;
    const streams = seen.streams.map((name) => this.structure.stream(name));
    for (const name of seen.streams) this.touched.add(name);
    let told = 0;
    for (const [at, entry] of entries.entries()) {
      const { position } = entry;
      if (this.dense && position > this.last + 1) this.noteGap(this.last + 1, position - 1);
      this.last = position;
      if (this.unfit.length < UNFIT_KEPT && !entry.fits(position)) this.unfit.push(entry);
      const stream = streamAt(seen, at);
      if (stream === undefined) this.structure.takeUnreadable();
      else this.structure.take(position, streams[stream] as StreamSeen, seen.revisions[at] as number, idsAt(seen, at));
      for (let remark = seen.remarks[told]; remark?.at === at; remark = seen.remarks[told]) {
        this.hear(remark, position, before + at);
        told += 1;
      }
      if (before + at + 1 === this.mark?.count) this.markAt(before + at + 1);
    }
    this.tape.append(entries, seen);
  }

  /** The store gave up reading: nothing after the last entry can be seen. */
  stopAt(error: LogDamaged): void {
    this.malformed(this.last + 1, error.message);
  }

  private hear(remark: Remark, position: number, index: number): void {
    switch (remark.says) {
      case 'unreadable':
        return this.malformed(position, `not a record: ${remark.message}`);
      case 'malformed':
        return this.malformed(position, remark.message);
      case 'names':
        return this.artifacts.take(position, remark.name);
      case 'erased':
        return this.artifacts.takeErased(remark.artifact);
      case 'rotated':
        return void this.rotations.push({ index, position, ...remark.rotation });
      case 'verified':
        return void this.heads.push({ ...remark.head, by: `the verification recorded at position ${position}` });
    }
  }

  private noteGap(from: number, to: number): void {
    const missing = from === to ? `position ${from} is` : `positions ${from} to ${to} are`;
    this.found.push({ position: from, kind: 'gap', message: `${missing} empty` });
  }

  private malformed(position: number, message: string): void {
    this.found.push({ position, kind: 'malformed', message });
  }
}
