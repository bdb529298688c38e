import type { Artifacts } from '#ledger/artifacts.js';
import type { DataOf } from '#run/domain/events.js';
import type { Plan } from './domain/plan.js';
import type { Receipt } from './domain/receipt.js';

export type Progress = Readonly<{
  step: number;
  steps: number;
  tokens: number;
  lossNatsMean: number;
  tokensPerSecond: number;
}>;

/** Why an update produced nothing: `reason` says whether the update, its machine or a person is to blame. */
export class UpdateFailed extends Error {
  override readonly name = 'UpdateFailed';
  constructor(
    readonly reason: 'non-finite' | 'budget' | 'cancelled' | 'crash' | 'lost',
    readonly step: number | null,
    message: string,
  ) {
    super(message);
  }
}

/** The process ends while somebody else trains, or while nobody does yet: the order stands, and is taken up again. */
export class OrderLeftOpen extends Error {
  override readonly name = 'OrderLeftOpen';
}

/** Facts about where training runs; information only, never outcome. */
export type TrainerFacts = Readonly<{ build: string; backend: string; threads: number }>;

/** Who has an order, as UpdateStarted says it. */
export type Claimant = Omit<DataOf<'UpdateStarted'>['env'], 'attempt'>;

/** One attempt at an update. `epoch`, the number of the attempt, fences off whoever had an earlier one. */
export type Order = Readonly<{
  run: string;
  cycle: number;
  epoch: number;
  plan: Plan;
  planHash: string;
  /** Whether a trainer that follows no contract may have it. */
  open: boolean;
  /** Who the log says has it, where an attempt was found begun. */
  claimant: Claimant | null;
}>;

/** A result that was checked. `receipt`: of a trainer of the contract; any other gives its word on steps and tokens. */
export type Checked = Readonly<{ candidate: string; steps: number; tokens: number }> &
  Readonly<{ receipt: Receipt; receiptHash: string } | { receipt: null }>;

export type Trained = Checked & Readonly<{ elapsedMs: number }>;

export type Training = Readonly<{
  /** Where the plan's inputs are and its outputs go. */
  artifacts: Artifacts;
  /** Somebody took the order: nobody trains before this resolves. */
  onClaimed: (claimant: Claimant) => Promise<void>;
  /** The result was checked: whoever trained is told so when this resolves. */
  onTrained: (trained: Trained) => Promise<void>;
  onProgress: (progress: Progress) => void;
  /** Nobody wants the update any more, whoever trains it. */
  cancel?: AbortSignal | undefined;
  /** This process ends: it stops what it trains itself and leaves to others what they train. */
  closing?: AbortSignal | undefined;
}>;

/** Executes plans: the same plan gives the same bytes on any trainer of the contract. */
export abstract class Trainer {
  abstract facts(): TrainerFacts;
  /** Whether an attempt that the log shows begun may still come to an end; if not, it is over. */
  abstract adopts(order: Order): boolean;
  /** Resolves when `onTrained` has. @throws UpdateFailed, OrderLeftOpen, and whatever the two callbacks throw */
  abstract train(order: Order, training: Training): Promise<void>;
}
