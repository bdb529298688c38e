import { Refused, type Decision } from '#ledger/decider.js';
import type { RunEvent, runEvents } from './events.js';
import { candidateIn, type Cycle } from './cycle.js';
import type { Run, Started } from './run.js';

export type RunDecision = Decision<Run, (typeof runEvents)[number]>;

const started = (run: Run): Started => {
  if (run.status === 'absent') throw new Refused('there is no such run; `run list` shows those there are');
  return run;
};

export const require = (holds: boolean, message: string): void => {
  if (!holds) throw new Refused(message);
};

/** Nothing goes on before the weights that a rollback returned to were probed again. */
export const requireVerified = (run: Started): void =>
  require(run.unverifiedRollback ===
    undefined, 'the rollback awaits its verification; nothing else is recorded before');

/** A decision about a run that exists. */
export const on =
  (decision: (run: Started) => readonly RunEvent[]): RunDecision =>
  (state) =>
    decision(started(state));

export const candidateOf = (cycle: Cycle): string => {
  const candidate = candidateIn(cycle);
  if (!candidate) throw new Refused(`cycle ${cycle.cycle}: no candidate yet, so nothing can be said about one`);
  return candidate;
};
