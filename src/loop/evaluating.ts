import { decodeSequences } from '#corpus/domain/plsq.js';
import { service } from '#doors/actors.js';
import { isConstant } from '#evaluation/domain/failures.js';
import { EvaluatorFailed, type Evaluated, type Evaluator } from '#evaluation/evaluator.js';
import { GuardedEvaluator } from '#evaluation/guarded-evaluator.js';
import { decide } from '#ledger/ledger.js';
import { voidEvaluation } from '#run/domain/evidence-decisions.js';
import { candidateIn } from '#run/domain/cycle.js';
import { cycleOf, runStream, type Started } from '#run/domain/run.js';
import type { LoopPorts } from './loop-ports.js';
import { loadRun } from './run-context.js';

/** How often an evaluator is asked before its evaluation is voided. */
const ATTEMPTS = 2;
const LONGEST_REASON = 2000;

export const guarded = ({ evaluationLimitMs }: LoopPorts, evaluator: Evaluator): Evaluator =>
  new GuardedEvaluator(evaluator, evaluationLimitMs);

/** @throws EvaluatorFailed when different items all have the same loss: nobody looked at them */
export const requireVaried = ({ name }: Evaluator, sequences: Uint8Array, found: Evaluated): void => {
  const all = decodeSequences(sequences);
  if (!isConstant(all, found)) return;
  const reason = `the same loss for all ${all.length} items`;
  throw new EvaluatorFailed(name, reason, { kind: 'constant' });
};

/**
 * A step of a candidate's evaluation. An evaluator that gives no answer is asked once more; then the evaluation is voided,
 * which the verdict names. What it might still say is not heard. In a process that is closing it was ended with the process.
 */
export const evaluating = async (
  ports: LoopPorts,
  id: string,
  cycle: number,
  step: () => Promise<void>,
  closing?: AbortSignal,
): Promise<void> => {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof EvaluatorFailed) || closing?.aborted) throw error;
      if (attempt === ATTEMPTS) return voidWith(ports, await loadRun(ports, id), cycle, error);
    }
};

const voidWith = async (ports: LoopPorts, run: Started, cycle: number, failure: EvaluatorFailed): Promise<void> => {
  const checkpoint = candidateIn(cycleOf(run, cycle)) ?? '';
  const { evaluator, kind: cause } = failure;
  const reason = failure.reason.slice(0, LONGEST_REASON) || 'no reason was given';
  const decision = voidEvaluation({ cycle, checkpoint, evaluator, cause, reason });
  await decide(ports.ledger, runStream, run.config.run, decision, { actor: service });
};
