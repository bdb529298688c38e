import { EventEmitter, setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { ErrorType, NO_STREAM } from '@eventstore/db-client';
import {
  Log,
  LogClosed,
  LogDamaged,
  LogUnreachable,
  LogUnwritable,
  WrongExpectedRevision,
  type Expected,
  type Filter,
  type ReadOptions,
  type Receipt,
  type Recorded,
  type SubscribeOptions,
} from '#ledger/log.js';
import { RecordTooLarge, type Proposed } from '#ledger/record.js';
import { EventStoreFeed } from './eventstore-feed.js';
import { EventStoreIndex } from './eventstore-index.js';
import { EventStorePlace } from './eventstore-place.js';
import { StoredNames, toEvent } from './eventstore-records.js';
import { isPassing, kindOf, wordsOf } from './eventstore-trouble.js';
import { place, type Placement } from './placement.js';
import { follow, GREW, grown, matcher, spanOf, type Growing, type Span } from './reading.js';

/** One call is tried so often, with pauses that double, before it is given up. */
const MOST_TRIES = 5;
const FIRST_PAUSE_MS = 100;
/** An append is decided anew so often because others write to the same stream. */
const MOST_DECISIONS = 50;
/** Subscriptions ask again so often while the store is away. */
const ASK_AGAIN_MS = 500;

type Options = Readonly<{
  /** Begins the name of every stream in the store, so that several logs can be in one. */
  prefix?: string;
  /** Called when the log is closed. */
  onClose?: () => Promise<void>;
}>;

/**
 * The log in EventStoreDB, or in whatever speaks its protocol. Every event's data is the whole record; positions are
 * counted in the order of the store. Connections that are lost are made anew: an append whose answer was lost is looked
 * for by its ids before it is sent again.
 */
export class EventStoreLog extends Log implements Growing {
  private readonly growth = new EventEmitter().setMaxListeners(0);
  private readonly closing = new AbortController();
  private readonly tails = new Map<string, Promise<void>>();
  private readonly index: EventStoreIndex;
  private readonly feed: EventStoreFeed;

  private constructor(
    private readonly store: EventStorePlace,
    private readonly names: StoredNames,
    private readonly onClose: () => Promise<void>,
  ) {
    super();
    setMaxListeners(0, this.closing.signal);
    this.index = new EventStoreIndex(names, store.shown);
    this.feed = new EventStoreFeed(store.client, this.index, store.shown, () => this.growth.emit(GREW));
  }

  /** Begins to connect and returns at once: {@link trouble} tells how it goes. @throws StoreAddressInvalid */
  static open(address: string, { prefix = '', onClose = async () => undefined }: Options = {}): EventStoreLog {
    return new EventStoreLog(EventStorePlace.of(address), new StoredNames(prefix), onClose);
  }

  override trouble(): string | null {
    return this.feed.trouble;
  }

  head(): number {
    return this.index.head();
  }

  /** In the order in which this process asks, within a stream. */
  async append(stream: string, expected: Expected, events: readonly Proposed[]): Promise<Receipt> {
    this.checkOpen();
    const before = this.tails.get(stream) ?? Promise.resolve();
    const appended = before.then(() => this.appendNow(stream, expected, events));
    const tail = appended.then(
      () => undefined,
      () => undefined,
    );
    this.tails.set(stream, tail);
    void tail.then(() => this.tails.get(stream) === tail && this.tails.delete(stream));
    return appended;
  }

  private async appendNow(stream: string, expected: Expected, events: readonly Proposed[]): Promise<Receipt> {
    for (let decided = 1; ; decided += 1) {
      const { receipt, entries } = await this.placed(stream, expected, events);
      if (entries.length === 0) return receipt;
      try {
        const commit = await this.insist(() => this.send(stream, entries));
        await (commit === undefined ? this.sync() : this.feed.reached(commit));
      } catch (error) {
        if (decided === MOST_DECISIONS || !this.isDecidedAnew(error, decided)) throw this.refusal(error);
        await this.sync();
        continue;
      }
      return { ...receipt, position: this.index.positionOf(entries.at(-1)?.record.id ?? '') ?? receipt.position };
    }
  }

  async *readStream(stream: string, options: ReadOptions = {}): AsyncGenerator<Recorded> {
    await this.sync();
    const last = this.index.lastRevision(stream);
    const span = spanOf(options, 0, last === 'no-stream' ? -1 : last);
    const stored = this.names.stored(stream);
    yield* this.walk(
      span,
      ({ record }) => record.revision,
      (next, count) => this.store.readStream(stored, next, span.forward, count),
    );
  }

  async *readAll({ streamPrefix, types, ...options }: ReadOptions & Filter = {}): AsyncGenerator<Recorded> {
    await this.sync();
    const { index } = this;
    const span = spanOf(options, 1, index.head());
    const { forward, high, limit } = span;
    if (limit === 0) return;
    const last = index.last();
    if (!forward && limit === 1 && !streamPrefix && !types && last?.position === high) {
      yield last;
      return;
    }
    const matches = matcher({ ...(streamPrefix && { streamPrefix }), ...(types && { types }) });
    let left = limit;
    const walked = this.walk(
      { ...span, limit: Infinity },
      ({ position }) => position,
      (next) => this.store.readAll(forward ? index.placeOf(next) : index.placeOf(next + 1), forward),
    );
    for await (const recorded of walked) {
      if (!matches(recorded)) continue;
      yield recorded;
      left -= 1;
      if (left === 0) return;
    }
  }

  async *subscribe({ after = 0, signal: asked, ...filter }: SubscribeOptions): AsyncGenerator<Recorded> {
    const { signal: closing } = this.closing;
    const signal = AbortSignal.any([asked, closing]);
    for (let last = after; !signal.aborted;)
      try {
        for await (const recorded of follow(this, { ...filter, after: last, signal }, closing)) {
          last = recorded.position;
          yield recorded;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof LogUnreachable)) throw error;
        await pause(ASK_AGAIN_MS, undefined, { signal }).catch(() => undefined);
      }
  }

  async withId(id: string): Promise<Recorded | undefined> {
    await this.sync();
    return this.found(id);
  }

  grown(signal: AbortSignal): Promise<void> {
    return grown(this.growth, signal);
  }

  async close(): Promise<void> {
    if (this.closing.signal.aborted) return;
    this.closing.abort(new LogClosed(`the log at ${this.store.shown} is closed`));
    await this.feed.close();
    await this.onClose();
  }

  /** Everything up to now is known. @throws LogUnreachable, LogDamaged, LogClosed */
  private async sync(): Promise<void> {
    await this.insist(() => this.feed.sync()).catch((error: unknown) => {
      throw kindOf(error) === undefined ? error : this.unreachable(error);
    });
  }

  private async found(id: string): Promise<Recorded | undefined> {
    const position = this.index.positionOf(id);
    if (position === undefined) return undefined;
    const span = { low: position, high: position, forward: true, limit: 1 };
    const read = (next: number) => this.store.readAll(this.index.placeOf(next), true, 1);
    for await (const recorded of this.walk(span, (one) => one.position, read)) return recorded;
    return undefined;
  }

  /** Where an append goes by what is known; looked at again before a writer hears that the stream is elsewhere. */
  private async placed(stream: string, expected: Expected, events: readonly Proposed[]): Promise<Placement> {
    this.checkOpen();
    await this.feed.connected();
    const decide = async (): Promise<Placement> => {
      const known = new Map<string, Recorded | undefined>();
      for (const { id } of events) known.set(id, await this.found(id));
      const { index } = this;
      const shelves = {
        head: () => index.head(),
        lastRevision: (name: string) => index.lastRevision(name),
        find: (id: string) => known.get(id),
      };
      return place(shelves, stream, expected, events);
    };
    try {
      return await decide();
    } catch (error) {
      if (!(error instanceof WrongExpectedRevision)) throw error;
      await this.sync();
      return decide();
    }
  }

  /** Resolves to where the store has put the last of them, if it says so. */
  private async send(stream: string, entries: readonly Recorded[]): Promise<bigint | undefined> {
    const revision = entries[0]?.record.revision ?? 0;
    const expectedRevision = revision === 0 ? NO_STREAM : BigInt(revision - 1);
    const appended = await this.store.append(this.names.writable(stream), entries.map(toEvent), expectedRevision);
    return appended.position?.commit;
  }

  /** Whether what is in the store now says more than the refusal: somebody else was faster, or the first try arrived. */
  private isDecidedAnew(error: unknown, decided: number): boolean {
    const kind = kindOf(error);
    if (kind === ErrorType.WRONG_EXPECTED_VERSION) return true;
    const mayBeThere = kind === ErrorType.UNKNOWN || error instanceof LogUnreachable;
    return decided === 1 && mayBeThere && !this.closing.signal.aborted;
  }

  private refusal(error: unknown): unknown {
    const kind = kindOf(error);
    if (kind === undefined) return error;
    const words = `the event store at ${this.store.shown} did not take the append: ${wordsOf(error)}`;
    return kind === ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED ? new RecordTooLarge(words) : new LogUnwritable(words);
  }

  /** Tries again, when it may do better a little later. */
  private async insist<T>(attempt: () => Promise<T>): Promise<T> {
    for (let failures = 1; ; failures += 1) {
      await this.feed.connected();
      try {
        return await attempt();
      } catch (error) {
        await this.afterFailure(error, failures);
      }
    }
  }

  /** Waits until it may do better. @throws the error, when it will not */
  private async afterFailure(error: unknown, failures: number): Promise<void> {
    this.checkOpen();
    if (!isPassing(error) || error instanceof LogUnreachable) throw error;
    if (failures === MOST_TRIES) throw this.unreachable(error);
    await pause(FIRST_PAUSE_MS * 2 ** (failures - 1));
  }

  private unreachable(error: unknown): LogUnreachable {
    return new LogUnreachable(`the event store at ${this.store.shown} does not answer: ${wordsOf(error)}`);
  }

  /** Records one after another, without gap; a connection that breaks is made anew where it broke. */
  private async *walk(
    { low, high, forward, limit }: Span,
    placeOf: (recorded: Recorded) => number,
    open: (next: number, count: number) => ReturnType<EventStorePlace['readAll']>,
  ): AsyncGenerator<Recorded> {
    const count = Math.min(limit, high - low + 1);
    const step = forward ? 1 : -1;
    const begin = forward ? low : high;
    for (let [done, failures] = [0, 0]; done < count;)
      try {
        await this.feed.connected();
        for await (const event of this.store.events(open(begin + step * done, count - done), this.closing.signal)) {
          const recorded = this.index.recorded(event);
          const off = recorded ? step * (placeOf(recorded) - begin) - done : -1;
          // Before it: another program's event, or one that came after the reading began.
          if (!recorded || off < 0) continue;
          if (off > 0) break;
          [done, failures] = [done + 1, 0];
          yield recorded;
          if (done === count) return;
        }
        throw new LogDamaged(`the log at ${this.store.shown}: record ${begin + step * done} is missing`);
      } catch (error) {
        failures += 1;
        await this.afterFailure(error, failures).catch((reason: unknown) => {
          throw kindOf(reason) === undefined ? reason : this.unreachable(reason);
        });
      }
  }

  private checkOpen(): void {
    this.closing.signal.throwIfAborted();
  }
}
