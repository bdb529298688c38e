import { EventEmitter } from 'node:events';
import type { Clock } from '#ledger/ports.js';
import { DeskOrder, sameClaim, type ClaimKey } from './desk-order.js';
import { IN_PROCESS } from './train-natively.js';
import {
  Trainer,
  UpdateFailed,
  type Claimant,
  type Order,
  type Progress,
  type TrainerFacts,
  type Training,
} from './trainer.js';

const CHANGED = 'changed';
export const DEFAULT_LEASE_MS = 60_000;

/** What of an order its trainer and whoever looks on may know. */
export type Standing = ClaimKey &
  Readonly<{ trainer: string | null; leaseLeftMs: number | null; progress: Progress | null }>;

/** A trainer of the contract may have any order, but the one in this process leaves to others what is open to them. */
const mayHave = ({ contract, trainer }: Claimant, { open }: Order): boolean =>
  contract === null ? open : !(open && trainer === IN_PROCESS);

/**
 * Where updates wait for trainers. A trainer claims an order under a lease that heartbeats extend; when it runs out the
 * update ends as lost, and the next attempt has a higher epoch, so that whatever the lost trainer still sends is refused.
 */
export class TrainingDesk extends Trainer {
  /** Why the trainer in this process takes no order at present; null: it does, or there is none. */
  trouble: string | null = null;
  private readonly orders = new Map<string, DeskOrder>();
  private readonly changes = new EventEmitter().setMaxListeners(0);
  private readonly closing = new AbortController();
  private readonly watch: NodeJS.Timeout;

  constructor(
    private readonly clock: Clock,
    private readonly own: () => TrainerFacts,
    readonly leaseMs = DEFAULT_LEASE_MS,
  ) {
    super();
    this.watch = setInterval(() => this.expire(), Math.min(1000, leaseMs / 4)).unref();
  }

  facts(): TrainerFacts {
    return this.own();
  }

  adopts(order: Order): boolean {
    const here = this.orders.get(order.run);
    return (here !== undefined && sameClaim(here.order, order)) || order.claimant?.trainer !== IN_PROCESS;
  }

  async train(order: Order, training: Training): Promise<void> {
    const entry = this.entryFor(order, training);
    try {
      await (entry.unrecorded ? entry.recordAgain() : entry.ended);
    } finally {
      if (this.orders.get(order.run) === entry && !entry.unrecorded) this.orders.delete(order.run);
    }
  }

  /**
   * The oldest order that this trainer may have, now or before the signal ends the wait; undefined when there was none. One
   * that the log says it has, and that it has not spoken of since this process began, it gets once more.
   */
  async claim(claimant: Claimant, signal: AbortSignal): Promise<DeskOrder | undefined> {
    const until = AbortSignal.any([signal, this.closing.signal]);
    while (!until.aborted) {
      const own = [...this.orders.values()].find((one) => this.isUnheard(one, claimant));
      if (own) return this.hear(own);
      const entry = [...this.orders.values()].find((one) => this.isFree(one) && mayHave(claimant, one.order));
      if (entry) {
        if (await this.give(entry, claimant)) return entry;
      } else await this.changed(until);
    }
    return undefined;
  }

  /** The order that this trainer has under this epoch; undefined when it has it no more, or never had it. */
  held(key: ClaimKey, trainer: string): DeskOrder | undefined {
    const entry = this.orders.get(key.run);
    if (!entry || entry.isSettled || !sameClaim(entry.order, key) || entry.claimant?.trainer !== trainer)
      return undefined;
    if (this.clock.elapsedMs() <= entry.deadlineMs) {
      entry.heard = true;
      return entry;
    }
    this.lose(entry);
    return undefined;
  }

  /** Says that the trainer lives. Returns the lease from now in ms; undefined when the order is not its any more. */
  heartbeat(key: ClaimKey, trainer: string, progress: Progress | null): number | undefined {
    const entry = this.held(key, trainer);
    if (!entry) return undefined;
    this.extend(entry);
    if (progress) {
      entry.progress = progress;
      entry.training.onProgress(progress);
    }
    return this.leaseMs;
  }

  /** Ends every lease that has run out. */
  expire(): void {
    for (const entry of this.orders.values())
      if (!entry.isSettled && this.clock.elapsedMs() > entry.deadlineMs) this.lose(entry);
  }

  standings(): readonly Standing[] {
    const now = this.clock.elapsedMs();
    return [...this.orders.values()].map(({ order: { run, cycle, epoch }, claimant, deadlineMs, progress }) => ({
      run,
      cycle,
      epoch,
      trainer: claimant?.trainer ?? null,
      leaseLeftMs: claimant && Number.isFinite(deadlineMs) ? Math.max(0, deadlineMs - now) : null,
      progress,
    }));
  }

  /** Sends waiting trainers away; orders end as whoever gave them says. */
  close(): void {
    clearInterval(this.watch);
    this.closing.abort();
  }

  private entryFor(order: Order, training: Training): DeskOrder {
    const here = this.orders.get(order.run);
    if (here && sameClaim(here.order, order)) {
      here.join(training);
      return here;
    }
    here?.fail(new UpdateFailed('cancelled', null, 'another attempt at an update of this run has begun'));
    const entry = new DeskOrder(order, training);
    entry.claimedAtMs = this.clock.elapsedMs();
    if (entry.claimant) this.extend(entry);
    this.orders.set(order.run, entry);
    this.changes.emit(CHANGED);
    return entry;
  }

  private extend(entry: DeskOrder): void {
    entry.deadlineMs = entry.isInProcess ? Infinity : this.clock.elapsedMs() + this.leaseMs;
  }

  private isUnheard({ claimant, heard, isSettled }: DeskOrder, { trainer }: Claimant): boolean {
    return !heard && !isSettled && claimant?.trainer === trainer;
  }

  private hear(entry: DeskOrder): DeskOrder {
    entry.heard = true;
    this.extend(entry);
    return entry;
  }

  private isFree({ claimant, claiming, isSettled }: DeskOrder): boolean {
    return !claimant && !claiming && !isSettled;
  }

  /** Nobody trains before the log says who does. False when the order is gone or could not be begun. */
  private async give(entry: DeskOrder, claimant: Claimant): Promise<boolean> {
    entry.claiming = true;
    try {
      await entry.training.onClaimed(claimant);
    } catch (error) {
      entry.fail(error);
      return false;
    }
    entry.claiming = false;
    entry.claimant = claimant;
    entry.claimedAtMs = this.clock.elapsedMs();
    this.hear(entry);
    return !entry.isSettled;
  }

  private lose(entry: DeskOrder): void {
    const { claimant, progress } = entry;
    const seconds = this.leaseMs / 1000;
    const message = `trainer ${claimant?.trainer} gave no sign of life for ${seconds} s`;
    entry.fail(new UpdateFailed('lost', progress?.step ?? null, message));
  }

  private changed(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        this.changes.off(CHANGED, done);
        signal.removeEventListener('abort', done);
        resolve();
      };
      this.changes.once(CHANGED, done);
      signal.addEventListener('abort', done, { once: true });
    });
  }
}
