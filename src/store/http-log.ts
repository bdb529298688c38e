import { setMaxListeners } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import type { ProgressTold } from '#doors/progress-feed.js';
import {
  headOf,
  Log,
  LogClosed,
  LogDamaged,
  LogUnwritable,
  type Filter,
  type ReadOptions,
  type Receipt,
  type Recorded,
  type SubscribeOptions,
} from '#ledger/log.js';
import { leafHash } from '#ledger/merkle.js';
import { parseRecord } from '#ledger/record.js';
import { serverEvents, type ServerEvent } from './http-events.js';
import { logPages, queryOf, sentSchema, type Question, type Sent } from './http-pages.js';
import { isPassing, ServiceUnreachable, type HttpService } from './http-service.js';
import { matcher, spanOf, type Span } from './reading.js';

/** The service says something every 15 s. */
const SILENCE_MS = 45_000;
const FIRST_PAUSE_MS = 250;
const MOST_PAUSE_MS = 5000;

/** What whoever reads a service's log may want to hear besides records. */
export type Hearing = Readonly<{
  progress?: (told: ProgressTold) => void;
  /** The service is away and asked again; null: it answers. */
  trouble?: (message: string | null) => void;
}>;

/** A span of which more than the ends is asked for, or nothing. */
const isEmpty = ({ low, high, limit }: Span): boolean => limit === 0 || low > high;

/**
 * The log of a service, to read only. Every record is checked: its bytes are canonical, they have the hash that came with
 * them, and no place is missing or out of order.
 */
export class HttpLog extends Log {
  private readonly closing = new AbortController();
  /** The last position that was read, which the log has had ever since. */
  private seen = 0;

  constructor(
    private readonly service: HttpService,
    private readonly hearing: Hearing = {},
  ) {
    super();
    setMaxListeners(0, this.closing.signal);
  }

  async append(): Promise<Receipt> {
    throw new LogUnwritable(`the log at ${this.service.url} is read only from here; its commands are routes`);
  }

  async *readStream(stream: string, options: ReadOptions = {}): AsyncGenerator<Recorded> {
    const span = spanOf(options, 0, Number.MAX_SAFE_INTEGER);
    if (isEmpty(span)) return;
    const { forward, limit } = span;
    const whole = forward ? span.low === 0 : options.from === undefined;
    let left = span.limit;
    let before: number | undefined;
    for await (const recorded of this.records({ stream, ...(whole && { limit }) }, forward)) {
      const { revision, stream: found } = recorded.record;
      const due = before === undefined ? (forward ? 0 : revision) : before + (forward ? 1 : -1);
      if (found !== stream || revision !== due)
        throw this.damaged(`${stream}: revision ${due} is due, ${revision} of ${found} came`);
      before = revision;
      if (revision < span.low || revision > span.high) continue;
      yield recorded;
      left -= 1;
      if (left === 0) return;
    }
  }

  async *readAll({ streamPrefix, types, ...options }: ReadOptions & Filter = {}): AsyncGenerator<Recorded> {
    const span = spanOf(options, 1, Number.MAX_SAFE_INTEGER);
    if (isEmpty(span)) return;
    const matches = matcher({ ...(streamPrefix && { streamPrefix }), ...(types && { types }) });
    const type = types?.length === 1 ? types[0] : undefined;
    const whole = !streamPrefix && (!types || type !== undefined);
    const from = span.forward ? span.low : options.from;
    const question = {
      ...(from !== undefined && { from }),
      ...(type !== undefined && { type }),
      ...(whole && { limit: span.limit }),
    };
    let left = span.limit;
    for await (const recorded of this.records(question, span.forward)) {
      if (!matches(recorded)) continue;
      yield recorded;
      left -= 1;
      if (left === 0) return;
    }
  }

  /** A service answers no such question, so all is read; only whoever writes asks it. */
  async withId(id: string): Promise<Recorded | undefined> {
    for await (const recorded of this.readAll())
      if (recorded.record.id.toLowerCase() === id.toLowerCase()) return recorded;
    return undefined;
  }

  /** Goes on where it was when the service is away for a while, for as long as the signal lets it. */
  async *subscribe({ after = 0, signal: asked, ...filter }: SubscribeOptions): AsyncGenerator<Recorded> {
    const signal = AbortSignal.any([asked, this.closing.signal]);
    const matches = matcher(filter);
    let last = after <= this.seen || signal.aborted ? after : Math.min(after, await headOf(this));
    for (let waitMs = FIRST_PAUSE_MS; !signal.aborted; waitMs = Math.min(MOST_PAUSE_MS, 2 * waitMs))
      try {
        for await (const recorded of this.events(last, signal)) {
          waitMs = FIRST_PAUSE_MS;
          if (recorded.position <= last) throw this.damaged(`position ${recorded.position} came after ${last}`);
          last = recorded.position;
          if (last > after && matches(recorded)) yield recorded;
          if (signal.aborted) return;
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!isPassing(error)) throw error;
        this.hearing.trouble?.((error as Error).message);
        await pause(waitMs, undefined, { signal }).catch(() => undefined);
      }
  }

  async close(): Promise<void> {
    this.closing.abort();
  }

  private async *records(question: Question, forward: boolean): AsyncGenerator<Recorded> {
    this.checkOpen();
    const direction = forward ? 'forward' : 'backward';
    let last: number | undefined;
    try {
      for await (const page of logPages(this.service, { ...question, direction }, this.closing.signal))
        for (const sent of page) {
          const recorded = this.recorded(sent);
          const { position } = recorded;
          if (last !== undefined && (forward ? position <= last : position >= last))
            throw this.damaged(`position ${position} came after ${last}`);
          last = position;
          yield recorded;
          this.checkOpen();
        }
    } catch (error) {
      this.checkOpen();
      throw error;
    }
  }

  /** Records that come on one connection, until it ends or breaks. */
  private async *events(after: number, signal: AbortSignal): AsyncGenerator<Recorded> {
    const path = `/v1/events?${queryOf({ after })}`;
    const response = await this.service.open({ path, accept: 'text/event-stream', silenceMs: SILENCE_MS, signal });
    this.hearing.trouble?.(null);
    const messages = serverEvents(response);
    try {
      for (;;) {
        const next = await messages.next().catch((error: Error) => {
          throw new ServiceUnreachable(`${this.service.url}: the connection was lost (${error.message})`);
        });
        if (next.done) throw new ServiceUnreachable(`${this.service.url}: the service ended the connection`);
        const recorded = this.take(next.value);
        if (recorded) yield recorded;
      }
    } finally {
      response.destroy();
    }
  }

  private take({ event, data }: ServerEvent): Recorded | undefined {
    if (event === 'progress') this.hearing.progress?.(JSON.parse(data) as ProgressTold);
    if (event !== 'record') return undefined;
    const sent = sentSchema.safeParse(JSON.parse(data));
    if (!sent.success) throw this.damaged('what it tells is no record');
    return this.recorded(sent.data);
  }

  private recorded({ position, leafHash: said, canonical }: Sent): Recorded {
    const bytes = new TextEncoder().encode(canonical);
    const hash = Buffer.from(leafHash(bytes)).toString('hex');
    if (hash !== said) throw this.damaged(`position ${position}: the bytes have leaf hash ${hash}, ${said} came`);
    try {
      const record = parseRecord(bytes);
      this.seen = Math.max(this.seen, position);
      return { position, bytes, record };
    } catch (error) {
      throw this.damaged(`position ${position}: ${(error as Error).message}`);
    }
  }

  private damaged(why: string): LogDamaged {
    return new LogDamaged(`the log at ${this.service.url}: ${why}; run \`verify\` on its data folder`);
  }

  private checkOpen(): void {
    if (this.closing.signal.aborted) throw new LogClosed(`the log at ${this.service.url} is closed`);
  }
}
