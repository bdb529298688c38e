import { DEFAULT_EVALUATION_LIMIT_MS } from '#evaluation/guarded-evaluator.js';
import type { Evaluator } from '#evaluation/evaluator.js';
import type { Artifacts } from '#ledger/artifacts.js';
import type { Ledger } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';
import type { Progress, Trainer } from '#trainer/trainer.js';
import type { JudgedWeights, Weights } from '#trainer/weights.js';

/** Hears what long work is doing. Events say what was done; this says how far it is. */
export abstract class LoopListener {
  abstract training(run: string, cycle: number, progress: Progress): void;
  abstract working(run: string, cycle: number, what: string): void;
}

/** What judging again reads: no trainer, no evaluator, and nothing that writes. */
export type JudgingPorts = Readonly<{
  ledger: Readonly<{ log: Log }>;
  artifacts: Artifacts;
  weights: JudgedWeights;
}>;

/** Everything the loop acts through. */
export class LoopPorts {
  constructor(
    readonly ledger: Ledger,
    readonly artifacts: Artifacts,
    readonly trainer: Trainer,
    readonly weights: Weights,
    readonly primary: Evaluator,
    readonly shadow: Evaluator,
    readonly listener: LoopListener,
    /** A third evaluator, which is shown a sample. */
    readonly reference: Evaluator,
    /** Longest that one evaluation may take. */
    readonly evaluationLimitMs: number = DEFAULT_EVALUATION_LIMIT_MS,
  ) {}
}
