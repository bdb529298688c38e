import { Turn } from '#doors/turn.js';
import type { Artifacts } from '#ledger/artifacts.js';
import type { Clock } from '#ledger/ports.js';
import { canonicalJson } from '#ledger/record.js';
import { planInputs, type Plan } from './domain/plan.js';
import { receiptSchema } from './domain/receipt.js';
import { JobProcess } from './job-process.js';
import { NativeUnavailable } from './native-addon.js';
import type { Backends, Claim, Native, NativeOptions, ReplayVerdict, TraceRequest } from './native.js';
import {
  Trainer,
  UpdateFailed,
  type Claimant,
  type Order,
  type Progress,
  type Trained,
  type TrainerFacts,
  type Training,
} from './trainer.js';

/** Name of the trainer in the process that has the log open. */
export const IN_PROCESS = 'in-process';

const REASONS: Readonly<Record<string, UpdateFailed['reason']>> = {
  TRAINER_NON_FINITE: 'non-finite',
  TRAINER_BUDGET: 'budget',
  TRAINER_CANCELLED: 'cancelled',
};

const asUpdateFailure = (error: unknown): unknown => {
  const { code, step, message } = error as { code?: string; step?: number; message?: string };
  // It could be used when the job was taken on: what became of it since ended an attempt that is recorded as begun.
  if (error instanceof NativeUnavailable) return new UpdateFailed('crash', null, error.message);
  const reason = REASONS[code ?? ''];
  return reason ? new UpdateFailed(reason, step ?? null, message ?? reason) : error;
};

/** "cuda (NVIDIA H200)", as UpdateStarted says it. */
const deviceName = ({ backends }: Backends): string => {
  const { device = null } = backends.find(({ name }) => name === 'cuda') ?? {};
  return device === null ? 'cuda' : `cuda (${device})`;
};

export type Work = Readonly<{
  /** Where the plan's inputs are and its outputs go. */
  artifacts: Artifacts;
  onProgress: (progress: Progress) => void;
  signals: readonly (AbortSignal | undefined)[];
}>;

/** Trains with the native addon: on the processor in this process, on a device in one of its own. */
export class NativeTrainer extends Trainer {
  /** The addon runs one job at a time; a further one waits here for those before it. */
  private readonly jobs = new Turn();
  private readonly device: JobProcess | undefined;

  constructor(
    private readonly native: Native,
    private readonly clock: Clock,
    private readonly options: NativeOptions,
  ) {
    super();
    this.device = options.backend === 'cuda' ? new JobProcess() : undefined;
  }

  facts(): TrainerFacts {
    const { build, best, threads } = this.native.machine();
    const on = this.device ? deviceName(this.native.backends()) : (this.options.isa ?? best);
    return { build, backend: on, threads: this.options.threads || threads };
  }

  /** Resolves when a job could begin: before an order is claimed. @throws NativeUnavailable with what the device lacks */
  async ready(): Promise<void> {
    await this.device?.ready();
  }

  claimant(trainer = IN_PROCESS): Claimant {
    return { trainer, ...this.facts(), contract: 'nc-1' };
  }

  /** An attempt found begun was another process's, and that process is gone. */
  adopts(): boolean {
    return false;
  }

  async train(
    { plan }: Order,
    { onClaimed, onTrained, onProgress, artifacts, cancel, closing }: Training,
  ): Promise<void> {
    await this.ready();
    await onClaimed(this.claimant());
    await onTrained(await this.carryOut(plan, { artifacts, onProgress, signals: [cancel, closing] }));
  }

  /** @throws UpdateFailed, and what the artifacts throw */
  carryOut(plan: Plan, work: Work): Promise<Trained> {
    return this.jobs.take(() => this.trained(plan, work));
  }

  private async trained(plan: Plan, { artifacts, onProgress, signals }: Work): Promise<Trained> {
    const begun = this.clock.elapsedMs();
    const inputs = await Promise.all(planInputs(plan).map((hash) => artifacts.get(hash)));
    const job = (this.device ?? this.native).run(canonicalJson(plan), inputs, this.options, onProgress);
    const cancel = (): void => job.cancel();
    for (const signal of signals) {
      signal?.addEventListener('abort', cancel);
      if (signal?.aborted) cancel();
    }
    try {
      const output = await job.promise;
      const receipt = receiptSchema.parse(JSON.parse(new TextDecoder().decode(output.receipt)));
      await artifacts.put(output.checkpoint);
      await artifacts.put(output.optimiser);
      await artifacts.put(output.transcript);
      const receiptHash = await artifacts.put(output.receipt);
      const { candidate, steps, tokens } = receipt;
      return { candidate, steps, tokens, receipt, receiptHash, elapsedMs: this.clock.elapsedMs() - begun };
    } catch (error) {
      throw asUpdateFailure(error);
    } finally {
      for (const signal of signals) signal?.removeEventListener('abort', cancel);
    }
  }

  /**
   * What a checkpoint says and thinks at every position of some sequences. Always by the processor: what a device breaks may end
   * the process that uses it, and this one has the log.
   */
  trace(checkpoint: Uint8Array, sequences: Uint8Array, request: TraceRequest): Promise<Uint8Array> {
    const { backend: _device, ...processor } = this.options;
    return this.native.trace(checkpoint, sequences, request, processor);
  }

  /**
   * Trains again what somebody claims of a plan, up to the first difference.
   * @throws NativeError when the claim cannot be held against the plan, and what the artifacts throw
   */
  replay(plan: Plan, claim: Claim, { artifacts, onProgress }: Omit<Work, 'signals'>): Promise<ReplayVerdict> {
    return this.jobs.take(async () => {
      const inputs = await Promise.all(planInputs(plan).map((hash) => artifacts.get(hash)));
      return (this.device ?? this.native).replay(canonicalJson(plan), inputs, claim, this.options, onProgress).promise;
    });
  }
}
