import type { DeskOrder } from './desk-order.js';
import type { NativeTrainer } from './train-natively.js';
import type { TrainingDesk } from './training-desk.js';

/** Takes orders from the desk and trains them in this process, one after another: the native trainer runs one job at a time. */
export class InProcessWorker {
  private readonly closing = new AbortController();
  private working: Promise<void> | undefined;

  constructor(
    private readonly desk: TrainingDesk,
    private readonly native: NativeTrainer,
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
      const entry = await this.desk.claim(claimant, this.closing.signal);
      // Nothing comes any more: the desk or this worker is closed.
      if (!entry) return;
      await this.train(entry);
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
