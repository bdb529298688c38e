import { EventEmitter } from 'node:events';
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
import type { Proposed, Record } from '#ledger/record.js';
import { place, type Shelves } from './placement.js';
import { follow, GREW, grown, matcher, spanOf, type Growing, type Span } from './reading.js';

const decoder = new TextDecoder();

/** A record read from its bytes, so that no reader can change what another one sees. */
const recorded = (position: number, bytes: Uint8Array): Recorded => ({
  position,
  bytes: bytes.slice(),
  record: JSON.parse(decoder.decode(bytes)) as Record,
});

/** A log that ends with the process: for tests and for the scratch side of a replay. */
export class MemoryLog extends Log implements Shelves, Growing {
  private readonly entries: Uint8Array[] = [];
  private readonly streams = new Map<string, number[]>();
  private readonly ids = new Map<string, number>();
  private readonly growth = new EventEmitter().setMaxListeners(0);
  private readonly closing = new AbortController();

  head(): number {
    return this.entries.length;
  }

  lastRevision(stream: string): number | 'no-stream' {
    const positions = this.streams.get(stream);
    return positions ? positions.length - 1 : 'no-stream';
  }

  find(id: string): Recorded | undefined {
    const position = this.ids.get(id.toLowerCase());
    return position === undefined ? undefined : this.at(position);
  }

  async append(stream: string, expected: Expected, events: readonly Proposed[]): Promise<Receipt> {
    this.checkOpen();
    const { receipt, entries } = place(this, stream, expected, events);
    for (const { position, record, bytes } of entries) {
      this.entries.push(bytes);
      this.ids.set(record.id.toLowerCase(), position);
      const positions = this.streams.get(stream);
      if (positions) positions.push(position);
      else this.streams.set(stream, [position]);
    }
    if (entries.length > 0) this.growth.emit(GREW);
    return receipt;
  }

  async *readStream(stream: string, options: ReadOptions = {}): AsyncGenerator<Recorded> {
    const positions = this.streams.get(stream) ?? [];
    const span = spanOf(options, 0, positions.length - 1);
    yield* this.walk(span, (revision) => this.at(positions[revision] ?? 0));
  }

  async *readAll({ streamPrefix, types, ...options }: ReadOptions & Filter = {}): AsyncGenerator<Recorded> {
    const matches = matcher({ ...(streamPrefix && { streamPrefix }), ...(types && { types }) });
    const span = spanOf(options, 1, this.head());
    let left = span.limit;
    for await (const entry of this.walk({ ...span, limit: Infinity }, (position) => this.at(position))) {
      if (left === 0) return;
      if (!matches(entry)) continue;
      yield entry;
      left -= 1;
    }
  }

  async withId(id: string): Promise<Recorded | undefined> {
    this.checkOpen();
    return this.find(id);
  }

  subscribe(options: SubscribeOptions): AsyncIterable<Recorded> {
    return follow(this, options, this.closing.signal);
  }

  grown(signal: AbortSignal): Promise<void> {
    return grown(this.growth, signal);
  }

  async close(): Promise<void> {
    this.closing.abort();
  }

  private async *walk(span: Span, at: (place: number) => Recorded): AsyncGenerator<Recorded> {
    const count = Math.min(span.limit, span.high - span.low + 1);
    for (let step = 0; step < count; step += 1) {
      this.checkOpen();
      yield at(span.forward ? span.low + step : span.high - step);
    }
  }

  private at(position: number): Recorded {
    return recorded(position, this.entries[position - 1] ?? new Uint8Array());
  }

  private checkOpen(): void {
    if (this.closing.signal.aborted) throw new LogClosed('the log in memory is closed');
  }
}
