import { setTimeout as pause } from 'node:timers/promises';
import { BACKWARDS, END, START, type EventStoreDBClient, type Position } from '@eventstore/db-client';
import { LogClosed, LogUnreachable } from '#ledger/log.js';
import type { EventStoreIndex } from './eventstore-index.js';
import { isPassing, wordsOf } from './eventstore-trouble.js';

const FIRST_PAUSE_MS = 100;
const MOST_PAUSE_MS = 5000;
/** Connections tried in vain before whoever waits is told; they go on being tried. */
const PATIENCE = 5;

type Waiter = Readonly<{ commit: bigint; resolve: () => void; reject: (error: Error) => void }>;

/**
 * Follows everything that the store takes, from where it was, for as long as the log is open: the client itself does not
 * subscribe anew when a connection is lost.
 */
export class EventStoreFeed {
  /** Why the store cannot be followed at present; null while it is. */
  trouble: string | null;
  private failure: Error | undefined;
  private failures = 0;
  private last: Position | undefined;
  private waiters: readonly Waiter[] = [];
  private readonly closing = new AbortController();
  private readonly running: Promise<void>;

  constructor(
    private readonly client: EventStoreDBClient,
    private readonly index: EventStoreIndex,
    private readonly store: string,
    private readonly grew: () => void,
  ) {
    this.trouble = `the event store at ${store} has not been reached yet`;
    this.running = this.run();
  }

  /** Resolves when all is known that the store has at this moment. @throws LogUnreachable, LogDamaged, LogClosed, what the client throws */
  async sync(): Promise<void> {
    let commit = 0n;
    for await (const { event } of this.client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 1 }))
      commit = event?.position?.commit ?? 0n;
    if (commit > 0n) await this.reached(commit);
  }

  /** Resolves when everything up to a place in the store is known. @throws LogUnreachable, LogDamaged, LogClosed */
  async reached(commit: bigint): Promise<void> {
    this.check();
    if (this.last && this.last.commit >= commit) return;
    await this.waited(commit);
  }

  /** Resolves when the store is followed. @throws LogUnreachable, LogDamaged, LogClosed */
  async connected(): Promise<void> {
    this.check();
    if (this.trouble !== null) await this.waited(-1n);
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.tell(this.closed());
    // It ends its calls at once; some never tell it that they have ended.
    void this.client.dispose().catch(() => undefined);
    await this.running;
  }

  private waited(commit: bigint): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.waiters = [...this.waiters, { commit, resolve, reject }];
    });
  }

  private check(): void {
    if (this.closing.signal.aborted) throw this.closed();
    if (this.failure) throw this.failure;
    if (this.trouble !== null && this.failures >= PATIENCE) throw new LogUnreachable(this.trouble);
  }

  private closed(): LogClosed {
    return new LogClosed(`the log at ${this.store} is closed`);
  }

  private tell(error: Error): void {
    const waiting = this.waiters;
    this.waiters = [];
    for (const { reject } of waiting) reject(error);
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted && !this.failure) {
      try {
        await this.follow(signal);
      } catch (error) {
        this.fail(error);
      }
      const ms = Math.min(MOST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.max(0, this.failures - 1));
      await pause(ms, undefined, { signal }).catch(() => undefined);
    }
  }

  private fail(error: unknown): void {
    if (this.closing.signal.aborted) return;
    this.failures += 1;
    if (error instanceof Error && error.name === 'LogDamaged') {
      this.failure = error;
      this.trouble = error.message;
      this.tell(error);
      return;
    }
    const advice = isPassing(error)
      ? 'it is tried again and again'
      : 'it is tried again, but somebody has to see to it';
    this.trouble = `the event store at ${this.store} cannot be followed: ${wordsOf(error)}; ${advice}`;
    if (this.failures >= PATIENCE) this.tell(new LogUnreachable(this.trouble));
  }

  /** On one connection, until it is lost. */
  private async follow(signal: AbortSignal): Promise<void> {
    const subscription = this.client.subscribeToAll({ fromPosition: this.last ?? START });
    const end = (): void => void subscription.destroy();
    signal.addEventListener('abort', end, { once: true });
    subscription.on('confirmation', () => this.recover());
    try {
      for await (const { event } of subscription) {
        if (signal.aborted) return;
        if (!event?.position) continue;
        this.index.take(event, event.position);
        this.advance(event.position);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      signal.removeEventListener('abort', end);
      await subscription.unsubscribe().catch(() => undefined);
    }
    throw new LogUnreachable('it ended the subscription');
  }

  private recover(): void {
    this.trouble = null;
    this.failures = 0;
    this.wake();
  }

  private advance(place: Position): void {
    this.last = place;
    this.wake();
    this.grew();
  }

  private wake(): void {
    const commit = this.last?.commit ?? 0n;
    const due = this.waiters.filter((waiter) => waiter.commit <= commit);
    if (due.length === 0) return;
    this.waiters = this.waiters.filter((waiter) => waiter.commit > commit);
    for (const { resolve } of due) resolve();
  }
}
