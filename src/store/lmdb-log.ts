import { EventEmitter } from 'node:events';
import { setImmediate as turn, setTimeout as pause } from 'node:timers/promises';
import {
  Log,
  LogClosed,
  type Expected,
  type Filter,
  type ReadOptions,
  type Receipt,
  type Recorded,
  type SubscribeOptions,
} from '#ledger/log.js';
import type { Proposed } from '#ledger/record.js';
import { unwritable } from './lmdb-file.js';
import { LmdbShelves } from './lmdb-shelves.js';
import { place } from './placement.js';
import { follow, GREW, grown, matcher, spanOf, type Growing } from './reading.js';

/** Records read from the store in one go, at most; between two goes other work gets its turn. */
const BATCH = 256;
/** How often a log opened to read only looks for what another process has written. */
const POLL_MS = 200;

type Waiting = Readonly<{
  stream: string;
  expected: Expected;
  events: readonly Proposed[];
  resolve: (receipt: Receipt) => void;
  reject: (error: unknown) => void;
}>;

/**
 * The embedded log. One process writes to a folder; any number may read it. Appends that are asked for in the same turn
 * of the event loop share one transaction and one flush of the disk, and are acknowledged after it.
 */
export class LmdbLog extends Log implements Growing {
  private waiting: Waiting[] = [];
  private committing: Promise<void> | undefined;
  private readonly growth = new EventEmitter().setMaxListeners(0);
  private readonly closing = new AbortController();

  private constructor(private readonly shelves: LmdbShelves) {
    super();
  }

  /**
   * Opens the log of a folder, which is made when absent. Read-only opening needs no right to write, takes no lock and
   * sees what the writing process adds.
   * @throws LogInUse, LogDamaged, LogAbsent, LogUnwritable
   */
  static async open(folder: string, { readOnly = false }: { readOnly?: boolean } = {}): Promise<LmdbLog> {
    return new LmdbLog(await LmdbShelves.open(folder, readOnly));
  }

  head(): number {
    return this.opened().head();
  }

  /** Whether this process is the one that writes. */
  get isWriter(): boolean {
    return this.shelves.refusal === undefined;
  }

  override hasWriter(): boolean {
    return this.opened().hasWriter();
  }

  async append(stream: string, expected: Expected, events: readonly Proposed[]): Promise<Receipt> {
    const { refusal } = this.opened();
    if (refusal) throw refusal;
    return new Promise((resolve, reject) => {
      this.waiting.push({ stream, expected, events, resolve, reject });
      this.committing ??= turn().then(() => this.commit());
    });
  }

  async *readStream(stream: string, options: ReadOptions = {}): AsyncGenerator<Recorded> {
    const last = this.opened().lastRevision(stream);
    const span = spanOf(options, 0, last === 'no-stream' ? -1 : last);
    const count = Math.min(span.limit, span.high - span.low + 1);
    for (let step = 0; step < count; step += 1) {
      if (step % BATCH === BATCH - 1) await turn();
      yield this.opened().revision(stream, span.forward ? span.low + step : span.high - step);
    }
  }

  async *readAll({ streamPrefix, types, ...options }: ReadOptions & Filter = {}): AsyncGenerator<Recorded> {
    const matches = matcher({ ...(streamPrefix && { streamPrefix }), ...(types && { types }) });
    const { low, high, forward, limit } = spanOf(options, 1, this.opened().head());
    const passesAll = !streamPrefix && !types;
    const count = passesAll ? Math.min(limit, high - low + 1) : high - low + 1;
    let left = limit;
    for (let step = 0; step < count;) {
      if (step > 0) await turn();
      const slice = this.opened().slice(forward ? low + step : high - step, Math.min(BATCH, count - step), forward);
      step += slice.length;
      for (const recorded of slice) {
        if (left === 0) return;
        if (!matches(recorded)) continue;
        yield recorded;
        left -= 1;
      }
    }
  }

  async withId(id: string): Promise<Recorded | undefined> {
    return this.opened().find(id);
  }

  subscribe(options: SubscribeOptions): AsyncIterable<Recorded> {
    return follow(this, options, this.closing.signal);
  }

  grown(signal: AbortSignal): Promise<void> {
    return this.shelves.refusal ? pause(POLL_MS, undefined, { signal }) : grown(this.growth, signal);
  }

  /** Ends subscriptions, finishes the appends under way, and gives the folder free. */
  async close(): Promise<void> {
    if (this.closing.signal.aborted) return;
    this.closing.abort();
    await this.committing;
    await this.shelves.close();
  }

  private opened(): LmdbShelves {
    if (this.closing.signal.aborted) throw new LogClosed(`the log in ${this.shelves.folder} is closed`);
    return this.shelves;
  }

  /** One transaction for all that waits. Writing holds the event loop for one flush, which keeps the order plain. */
  private commit(): void {
    const batch = this.waiting;
    this.waiting = [];
    this.committing = undefined;
    const answers: (() => void)[] = [];
    let wrote = false;
    try {
      this.shelves.commit(() => {
        for (const one of batch) {
          const answer = this.write(one);
          answers.push(answer.tell);
          wrote ||= answer.wrote;
        }
      });
    } catch (error) {
      const refusal = unwritable(this.shelves.folder, error);
      for (const { reject } of batch) reject(refusal);
      return;
    }
    for (const tell of answers) tell();
    if (wrote) this.growth.emit(GREW);
  }

  /** Writes one append into the open transaction, or finds why it cannot be; either is told after the flush. */
  private write({ stream, expected, events, resolve, reject }: Waiting): { tell: () => void; wrote: boolean } {
    let placement;
    try {
      placement = place(this.shelves, stream, expected, events);
    } catch (error) {
      return { tell: () => reject(error), wrote: false };
    }
    for (const entry of placement.entries) this.shelves.put(entry);
    return { tell: () => resolve(placement.receipt), wrote: placement.entries.length > 0 };
  }
}
