import type { Artifacts } from '#ledger/artifacts.js';
import type { Plan } from './domain/plan.js';
import type { Receipt } from './domain/receipt.js';

export type Progress = Readonly<{
  step: number;
  steps: number;
  tokens: number;
  lossNatsMean: number;
  tokensPerSecond: number;
}>;

/** Why an update produced nothing: `reason` says whether the update or the machine is to blame. */
export class UpdateFailed extends Error {
  override readonly name = 'UpdateFailed';
  constructor(
    readonly reason: 'non-finite' | 'budget' | 'cancelled',
    readonly step: number | null,
    message: string,
  ) {
    super(message);
  }
}

export type Trained = Readonly<{ receipt: Receipt; receiptHash: string; elapsedMs: number }>;

/** Facts about where training runs; information only, never outcome. */
export type TrainerFacts = Readonly<{ build: string; backend: string; threads: number }>;

export type Training = Readonly<{
  /** Where the plan's inputs are and its outputs go. */
  artifacts: Artifacts;
  onProgress: (progress: Progress) => void;
  signal?: AbortSignal | undefined;
}>;

/** Executes plans: the same plan gives the same bytes on any conforming trainer. */
export abstract class Trainer {
  abstract facts(): TrainerFacts;
  /** @throws UpdateFailed */
  abstract train(plan: Plan, training: Training): Promise<Trained>;
}
