import { Ledger } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';
import { LoopPorts } from '#loop/loop-ports.js';
import { loadRun } from '#loop/run-context.js';
import { takeStep } from '#loop/run-loop.js';
import type { DataOf } from '#run/domain/events.js';
import { nextStep } from '#run/domain/next-step.js';
import { cycleOf } from '#run/domain/run.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryLog } from '#store/memory-log.js';
import { Trainer, type Order, type TrainerFacts, type Training } from '#trainer/trainer.js';
import { BuggyEvaluator, type Bug } from './buggy-evaluator.js';
import { STUDIED_CYCLE, type StudiedChampion } from './studied-champion.js';

/** Ids of a fork must not be those of the log it was copied from. */
const FORKED_IDS = 1_000_000;

/** Gives the weights it was made with, whatever is asked of it: a trainer of no contract. */
class GivenWeights extends Trainer {
  constructor(private readonly candidate: string) {
    super();
  }

  facts(): TrainerFacts {
    return { build: 'study', backend: 'given', threads: 1 };
  }

  adopts(): boolean {
    return false;
  }

  async train({ plan }: Order, { onClaimed, onTrained }: Training): Promise<void> {
    await onClaimed({ trainer: 'study', ...this.facts(), contract: null });
    await onTrained({ candidate: this.candidate, steps: plan.steps, tokens: 0, receipt: null, elapsedMs: 0 });
  }
}

const copied = async (from: Log): Promise<Log> => {
  const to = new MemoryLog();
  for await (const { record } of from.readAll()) {
    const { stream, revision, ...proposed } = record;
    await to.append(stream, revision === 0 ? 'no-stream' : revision - 1, [proposed]);
  }
  return to;
};

/**
 * The verdict of the whole loop on weights that somebody hands in as the update of the studied cycle: items drawn from their
 * hash, both evaluators, drift, calibration, the judge. Undefined where nothing was judged since the weights are not finite.
 * @param bug a mistake in the primary evaluator
 */
export const judgeCandidate = async (
  { ports, context, run: { config } }: StudiedChampion,
  candidate: Uint8Array,
  bug?: Bug,
): Promise<DataOf<'VerdictReached'> | undefined> => {
  const { artifacts, weights, primary, shadow, listener, reference } = ports;
  const ledger = new Ledger(await copied(ports.ledger.log), new CountedClock(), new CountedIds(FORKED_IDS));
  const evaluator = bug ? new BuggyEvaluator(primary, bug) : primary;
  const trainer = new GivenWeights(await artifacts.put(candidate));
  const fork = new LoopPorts(ledger, artifacts, trainer, weights, evaluator, shadow, listener, reference);
  for (;;) {
    const run = await loadRun(fork, config.run);
    const { verdict, aborted } = cycleOf(run, STUDIED_CYCLE);
    if (verdict || aborted) return verdict;
    await takeStep(fork, context, run, nextStep(run));
  }
};
