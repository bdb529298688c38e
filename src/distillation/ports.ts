import type { Evaluator } from '#evaluation/evaluator.js';
import type { Artifacts } from '#ledger/artifacts.js';
import type { Ledger } from '#ledger/ledger.js';
import type { LoopListener } from '#loop/loop-ports.js';
import type { NativeTrainer } from '#trainer/train-natively.js';

/** Trains and traces in this process: traces are large, and no trainer elsewhere is asked for them. */
export type Teaching = Pick<NativeTrainer, 'facts' | 'carryOut' | 'trace'>;

/** Everything a distillation acts through. */
export class DistillationPorts {
  constructor(
    readonly ledger: Ledger,
    readonly artifacts: Artifacts,
    readonly teaching: Teaching,
    readonly evaluator: Evaluator,
    readonly listener: LoopListener,
  ) {}
}
