import { LogClosed, LogUnreachable, type Log, type Recorded } from '#ledger/log.js';
import { EVERYTHING } from './group-options.js';
import type { SavedGroup } from './domain/groups.js';
import { passerOf } from './filter.js';
import { presented } from './presented.js';
import { Refusal, refusalOf } from './refusal.js';

/** What a consumer says of an event that it will not do. */
export type Instead = 'park' | 'retry' | 'skip' | 'stop';

/** A client that takes events of a group, so many at a time. */
export type Consumer = Readonly<{
  name: string;
  who: string;
  from: string;
  slots: number;
  send: (recorded: Recorded, retries: number) => void;
  end: (refusal: Refusal) => void;
}>;

type Pending = { readonly recorded: Recorded; retries: number; consumer: Consumer | undefined; timer?: NodeJS.Timeout };

const positionOf = ({ recorded }: Pending): number => recorded.position;

/**
 * Consumers that share events: each event goes to one of them, and again to one until it is done. It is done at least
 * once: after a restart, whatever lies behind the first event that was not done comes again.
 */
export class Group {
  private readonly consumers = new Map<Consumer, { busy: number; total: number }>();
  private readonly pending = new Map<string, Pending>();
  private again: readonly Pending[] = [];
  private next: Pending | undefined;
  private nextTaken: () => void = () => undefined;
  private readUpTo: number;
  private parked: readonly number[];
  private total = 0;
  private lastKnown: Recorded | undefined;
  private readonly closing = new AbortController();

  constructor(
    private readonly log: Log,
    private readonly saved: SavedGroup,
    private readonly changed: () => void,
  ) {
    this.readUpTo = saved.checkpoint;
    this.parked = saved.parked;
    void this.run();
  }

  /** How far it has come, as it is to be kept. */
  get state(): SavedGroup {
    const open = [...this.pending.values(), ...(this.next ? [this.next] : [])].map(positionOf);
    const checkpoint = Math.min(this.readUpTo, ...open.map((position) => position - 1));
    return { ...this.saved, checkpoint: Math.max(this.saved.checkpoint, checkpoint), parked: [...this.parked] };
  }

  get figures() {
    const consumers = [...this.consumers].map(([{ name, who, from, slots }, { busy, total }]) => ({
      name,
      who,
      from,
      busy,
      total,
      free: slots - busy,
    }));
    const { total, lastKnown } = this;
    return { consumers, total, lastKnown, inFlight: this.pending.size - this.again.length, again: this.again.length };
  }

  /** @throws Refusal */
  join(consumer: Consumer): void {
    const { stream, group, settings } = this.saved;
    if (settings.maxSubscriberCount > 0 && this.consumers.size >= settings.maxSubscriberCount)
      throw Refusal.ofGroup('maximum-subscribers-reached', stream, group);
    this.consumers.set(consumer, { busy: 0, total: 0 });
  }

  /** What it has not done goes to others. */
  leave(consumer: Consumer): void {
    if (!this.consumers.delete(consumer)) return;
    for (const pending of this.pending.values()) if (pending.consumer === consumer) this.sendAgain(pending);
    this.pump();
  }

  done(consumer: Consumer, id: string): void {
    this.take(consumer, id);
    this.moved();
  }

  notDone(consumer: Consumer, id: string, instead: Instead): void {
    const pending = this.pending.get(id.toLowerCase());
    if (pending?.consumer !== consumer) return;
    if (instead === 'retry') this.retry(pending);
    else if (instead === 'stop') this.drop(consumer);
    else {
      this.take(consumer, id);
      if (instead === 'park') this.park(pending);
    }
    this.moved();
  }

  /** Sends what can be sent to who can take it. */
  pump(): void {
    for (;;) {
      const consumer = this.free();
      const pending = consumer && (this.again[0] ?? this.next);
      if (!consumer || !pending) return;
      if (pending === this.next) {
        this.next = undefined;
        this.pending.set(pending.recorded.record.id.toLowerCase(), pending);
        this.nextTaken();
      } else this.again = this.again.slice(1);
      this.send(consumer, pending);
    }
  }

  /** Ends it for all its consumers. */
  close(refusal?: Refusal): void {
    this.closing.abort();
    this.nextTaken();
    for (const { timer } of this.pending.values()) clearTimeout(timer);
    if (refusal) for (const consumer of this.consumers.keys()) consumer.end(refusal);
  }

  private async run(): Promise<void> {
    const { stream, startFrom, filter, checkpoint } = this.saved;
    const { signal } = this.closing;
    const all = stream === EVERYTHING;
    const passes = filter ? passerOf(filter) : () => true;
    const first = !all && typeof startFrom === 'number' ? startFrom : 0;
    const isMeant = (recorded: Recorded): boolean => {
      const { record } = recorded;
      if (all) return passes({ stream: record.stream, type: presented(recorded).type });
      return record.stream === stream && record.revision >= first;
    };
    const options = { after: checkpoint, signal, ...(!all && { streamPrefix: stream }) };
    try {
      for await (const recorded of this.log.subscribe(options)) {
        if (signal.aborted) return;
        if (isMeant(recorded)) await this.offer({ recorded, retries: 0, consumer: undefined });
        this.readUpTo = recorded.position;
      }
    } catch (error) {
      if (!(error instanceof LogClosed || error instanceof LogUnreachable)) this.close(refusalOf(error));
    }
  }

  /** Resolves when a consumer has it. */
  private offer(pending: Pending): Promise<void> {
    this.next = pending;
    this.lastKnown = pending.recorded;
    const taken = new Promise<void>((resolve) => (this.nextTaken = resolve));
    this.pump();
    return taken;
  }

  private free(): Consumer | undefined {
    const able = [...this.consumers].filter(([{ slots }, { busy }]) => busy < slots);
    if (this.saved.settings.strategy === 'DispatchToSingle') return able[0]?.[0];
    // Whoever was given the fewest is next, which goes round among those who keep up.
    return able.toSorted(([, one], [, other]) => one.total - other.total)[0]?.[0];
  }

  private send(consumer: Consumer, pending: Pending): void {
    const counts = this.consumers.get(consumer);
    if (counts) Object.assign(counts, { busy: counts.busy + 1, total: counts.total + 1 });
    this.total += 1;
    pending.consumer = consumer;
    const { messageTimeoutMs } = this.saved.settings;
    if (messageTimeoutMs > 0)
      pending.timer = setTimeout(() => {
        this.retry(pending);
        this.moved();
      }, messageTimeoutMs).unref();
    consumer.send(pending.recorded, pending.retries);
  }

  /** The consumer is rid of it. */
  private release({ consumer, timer }: Pending): void {
    clearTimeout(timer);
    const counts = consumer && this.consumers.get(consumer);
    if (counts) counts.busy -= 1;
  }

  private take(consumer: Consumer, id: string): void {
    const key = id.toLowerCase();
    const pending = this.pending.get(key);
    if (pending?.consumer !== consumer) return;
    this.release(pending);
    this.pending.delete(key);
  }

  private retry(pending: Pending): void {
    if (pending.retries < this.saved.settings.maxRetryCount) {
      pending.retries += 1;
      this.sendAgain(pending);
      return;
    }
    if (pending.consumer) this.take(pending.consumer, pending.recorded.record.id);
    this.park(pending);
  }

  private sendAgain(pending: Pending): void {
    this.release(pending);
    pending.consumer = undefined;
    this.again = [...this.again, pending].toSorted((one, other) => positionOf(one) - positionOf(other));
  }

  private park(pending: Pending): void {
    this.parked = [...this.parked, positionOf(pending)];
  }

  private drop(consumer: Consumer): void {
    const { stream, group } = this.saved;
    this.leave(consumer);
    consumer.end(Refusal.ofGroup('persistent-subscription-dropped', stream, group));
  }

  private moved(): void {
    this.changed();
    this.pump();
  }
}
