import type { Clock } from '#ledger/ports.js';
import { canonicalJson } from '#ledger/record.js';
import { planInputs, type Plan } from './domain/plan.js';
import { receiptSchema } from './domain/receipt.js';
import type { Native, NativeOptions } from './native.js';
import { Trainer, UpdateFailed, type Trained, type TrainerFacts, type Training } from './trainer.js';

const REASONS: Readonly<Record<string, UpdateFailed['reason']>> = {
  TRAINER_NON_FINITE: 'non-finite',
  TRAINER_BUDGET: 'budget',
  TRAINER_CANCELLED: 'cancelled',
};

const asUpdateFailure = (error: unknown): unknown => {
  const { code, step, message } = error as { code?: string; step?: number; message?: string };
  const reason = REASONS[code ?? ''];
  return reason ? new UpdateFailed(reason, step ?? null, message ?? reason) : error;
};

/** Trains in this process with the native addon. */
export class NativeTrainer extends Trainer {
  constructor(
    private readonly native: Native,
    private readonly clock: Clock,
    private readonly options: NativeOptions,
  ) {
    super();
  }

  facts(): TrainerFacts {
    const { build, best, threads } = this.native.backends();
    return { build, backend: this.options.isa ?? best, threads: this.options.threads || threads };
  }

  async train(plan: Plan, { artifacts, onProgress, signal }: Training): Promise<Trained> {
    const begun = this.clock.elapsedMs();
    const inputs = await Promise.all(planInputs(plan).map((hash) => artifacts.get(hash)));
    const job = this.native.run(canonicalJson(plan), inputs, this.options, onProgress);
    const cancel = (): void => job.cancel();
    signal?.addEventListener('abort', cancel);
    if (signal?.aborted) cancel();
    try {
      const output = await job.promise;
      const receipt = receiptSchema.parse(JSON.parse(new TextDecoder().decode(output.receipt)));
      await artifacts.put(output.checkpoint);
      await artifacts.put(output.optimiser);
      await artifacts.put(output.transcript);
      const receiptHash = await artifacts.put(output.receipt);
      return { receipt, receiptHash, elapsedMs: this.clock.elapsedMs() - begun };
    } catch (error) {
      throw asUpdateFailure(error);
    } finally {
      signal?.removeEventListener('abort', cancel);
    }
  }
}
