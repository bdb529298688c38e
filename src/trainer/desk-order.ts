import { Refused } from '#ledger/decider.js';
import {
  OrderLeftOpen,
  UpdateFailed,
  type Claimant,
  type Order,
  type Progress,
  type Trained,
  type Training,
} from './trainer.js';
import { IN_PROCESS } from './train-natively.js';

/** Which order a claim is about. A later attempt at the same update has a higher epoch. */
export type ClaimKey = Readonly<{ run: string; cycle: number; epoch: number }>;

export const sameClaim = (a: ClaimKey, b: ClaimKey): boolean =>
  a.run === b.run && a.cycle === b.cycle && a.epoch === b.epoch;

/** One order at the desk: waits, is claimed, ends. Whoever gave it awaits `ended`. */
export class DeskOrder {
  claimant: Claimant | null;
  /** While UpdateStarted is being written: nobody else may claim. */
  claiming = false;
  /** By the clock's elapsedMs; Infinity for a trainer that cannot be gone without this process. */
  deadlineMs = Infinity;
  /** Whether its trainer was heard of in this process: one whose answer a crash cut off does not know that it has it. */
  heard = false;
  progress: Progress | null = null;
  uploadedBytes = 0;
  claimedAtMs = 0;
  /** While a result is checked. */
  completing = false;
  /** What this process trained and could not record yet; nobody else has it, so it is kept. */
  unrecorded: Trained | null = null;
  private readonly stopping = new AbortController();
  /** Ends listening to signals that live longer than the order. */
  private readonly over = new AbortController();
  private settled = false;
  private resolve: () => void = () => undefined;
  private reject: (error: unknown) => void = () => undefined;
  readonly ended: Promise<void>;

  constructor(
    readonly order: Order,
    public training: Training,
  ) {
    this.claimant = order.claimant;
    this.ended = new Promise<void>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.ended.catch(() => undefined);
    this.listen(training);
  }

  get isSettled(): boolean {
    return this.settled;
  }

  /** Aborts when the trainer in this process is to stop at its next step. */
  get stopped(): AbortSignal {
    return this.stopping.signal;
  }

  get isInProcess(): boolean {
    return this.claimant?.trainer === IN_PROCESS;
  }

  /** Another loop wants the same order, or the same one again: from now on it is told. */
  join(training: Training): void {
    this.training = training;
    this.listen(training);
  }

  fail(error: unknown): void {
    this.settle();
    this.stopping.abort();
    this.reject(error);
  }

  /** The loop measures and writes; the order ends when that is durable. Throws what writing throws, and then stands. */
  async record(trained: Trained): Promise<void> {
    await this.training.onTrained(trained);
    this.settle();
    this.resolve();
  }

  /** Keeps a result whose recording failed, unless the run wants it no more. */
  keep(trained: Trained, error: unknown): void {
    this.unrecorded = error instanceof Refused || error instanceof UpdateFailed ? null : trained;
    this.fail(error);
  }

  async recordAgain(): Promise<void> {
    const trained = this.unrecorded;
    if (!trained) return;
    try {
      await this.record(trained);
      this.unrecorded = null;
    } catch (error) {
      this.keep(trained, error);
      throw error;
    }
  }

  private settle(): void {
    this.settled = true;
    this.over.abort();
  }

  private listen({ cancel, closing }: Training): void {
    const now = (signal: AbortSignal | undefined, act: () => void): void => {
      if (signal?.aborted) act();
      else signal?.addEventListener('abort', act, { once: true, signal: this.over.signal });
    };
    now(cancel, () => this.cancel());
    now(closing, () => this.leave());
  }

  private cancel(): void {
    if (this.isInProcess) this.stopping.abort();
    else this.fail(new UpdateFailed('cancelled', this.progress?.step ?? null, 'the run was halted or rolled back'));
  }

  private leave(): void {
    if (this.isInProcess) this.stopping.abort();
    else this.fail(new OrderLeftOpen(`run ${this.order.run}, cycle ${this.order.cycle}: the order is left open`));
  }
}
