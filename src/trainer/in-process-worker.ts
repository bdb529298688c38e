import { setTimeout as pause } from 'node:timers/promises';
import type { DeskOrder } from './desk-order.js';
import type { NativeTrainer } from './train-natively.js';
import type { TrainingDesk } from './training-desk.js';

/** Until a device that could not be used is tried again. */
const PAUSE_MS = 30_000;

/** Takes orders from the desk and trains them in this process, one after another: the native trainer runs one job at a time. */
export class InProcessWorker {
  private readonly closing = new AbortController();
  private working: Promise<void> | undefined;

  constructor(
    private readonly desk: TrainingDesk,
    private readonly native: NativeTrainer,
    private readonly pauseMs = PAUSE_MS,
  ) {}

  start(): void {
    this.working ??= this.work();
  }

  /** Resolves when nothing is trained here any more; the orders themselves say when to stop. */
  async stop(): Promise<void> {
    this.closing.abort();
    await this.working;
  }

  private async work(): Promise<void> {
    const claimant = this.native.claimant();
    while (!this.closing.signal.aborted) {
      if (!(await this.isReady())) continue;
      const entry = await this.desk.claim(claimant, this.closing.signal);
      // Nothing comes any more: the desk or this worker is closed.
      if (!entry) return;
      await this.train(entry);
    }
  }

  /** A device that cannot be used is tried again after a pause; meanwhile others may take what there is to train. */
  private async isReady(): Promise<boolean> {
    const { signal } = this.closing;
    try {
      await this.native.ready();
      this.desk.trouble = null;
      return true;
    } catch (error) {
      this.desk.trouble = error instanceof Error ? error.message : String(error);
      await pause(this.pauseMs, undefined, { signal }).catch(() => undefined);
      return false;
    }
  }

  private async train(entry: DeskOrder): Promise<void> {
    const { order, training } = entry;
    const onProgress: typeof training.onProgress = (progress) => {
      entry.progress = progress;
      entry.training.onProgress(progress);
    };
    const { artifacts } = training;
    const signals = [entry.stopped];
    try {
      const trained = await this.native.carryOut(order.plan, { artifacts, onProgress, signals });
      await entry.record(trained).catch((error: unknown) => entry.keep(trained, error));
    } catch (error) {
      entry.fail(error);
    }
  }
}
