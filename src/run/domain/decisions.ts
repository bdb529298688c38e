import { Refused } from '#ledger/decider.js';
import { rescueDue, stallDue } from './adaptation.js';
import { alarmed, ancestorsOf } from './alarm.js';
import { on, require, requireVerified, type RunDecision } from './deciding.js';
import {
  ChampionRolledBack,
  CycleProposed,
  CycleRefused,
  LookOpened,
  RollbackRequested,
  RollbackVerified,
  RunCompleted,
  RunHalted,
  RunResumed,
  type RollbackCause,
} from './lifecycle-events.js';
import { RunStarted, UpdateAborted } from './update-events.js';
import type { DataOf, RunEvent } from './events.js';
import { checkpointsToReport } from './next-step.js';
import { isClosed, type Cycle } from './cycle.js';
import { cycleOf, lastCycle, type Started } from './run.js';

export const startRun =
  (data: DataOf<'RunStarted'>): RunDecision =>
  (state) => {
    require(state.status === 'absent', `run: ${data.config.run} exists already; choose another name`);
    return [RunStarted.of(data)];
  };

/** What has to be answered before a run goes on. */
const requireCalm = (run: Started): void =>
  require(!alarmed(run), 'the champion set off an alarm that awaits its answer');

export const proposeCycle = (
  data: DataOf<'CycleProposed'>,
  violations: DataOf<'CycleRefused'>['violations'],
): RunDecision =>
  on((run) => {
    requireVerified(run);
    requireCalm(run);
    require(!rescueDue(run) && !stallDue(run), `cycle ${data.cycle}: the rejection before it awaits its answer`);
    require(data.trigger === 'schedule', `cycle ${data.cycle}: a rescue is proposed with its candidate`);
    const before = cycleOf(run, data.cycle - 1);
    require(data.cycle === 1 || isClosed(before), `cycle ${data.cycle}: cycle ${before.cycle} is still open`);
    require(!cycleOf(run, data.cycle).proposal, `cycle ${data.cycle}: proposed already`);
    require(run.champion === data.champion, `cycle ${data.cycle}: ${data.champion} is not the champion`);
    const proposed = CycleProposed.of(data);
    return violations.length === 0 ? [proposed] : [proposed, CycleRefused.of({ cycle: data.cycle, violations })];
  });

/** What an update says that ends because of a rollback. */
export const LEFT_CHAMPION = 'the champion this cycle began from was rolled back';

/** Ends a cycle whose champion is left; an update under way counts as interrupted, so that a replay need not train it. */
const abandon = (open: Cycle): readonly RunEvent[] => {
  if (!open.proposal || isClosed(open)) return [];
  const { cycle, requested, produced, interruptions } = open;
  const under = requested && !produced ? requested : undefined;
  const abort = (reason: 'cancelled' | 'rolled-back', attempt: number): RunEvent => {
    return UpdateAborted.of({ cycle, reason, step: null, message: LEFT_CHAMPION, env: { attempt } });
  };
  return [
    ...(under ? [abort('cancelled', under.env.attempt)] : []),
    abort('rolled-back', under ? under.env.attempt + 1 : interruptions + 1),
  ];
};

const HALTING: readonly RollbackCause[] = ['drift', 'dispute'];

/** A drill goes from a run that rests to an ancestor of its champion, and back from there. */
const requireDrill = (run: Started, from: string, to: string): void => {
  if (run.drilledFrom !== undefined)
    return require(to === run.drilledFrom, `drill: it comes back to ${run.drilledFrom}, not to ${to}`);
  const name = run.config.run;
  require(run.status !== 'running', `drill: run ${name} is running; halt it, or wait until it has completed`);
  require(ancestorsOf(run, from).includes(to), `drill: ${to} is no ancestor of the champion of run ${name}`);
};

/**
 * Makes an accepted checkpoint the champion again. The run is halted where an alarm or a dispute is the cause: what led to
 * it would come again.
 */
export const rollBack = (to: string, reason: string, requester: string, cause: RollbackCause = 'asked'): RunDecision =>
  on((run) => {
    const from = run.champion;
    if (!from) throw new Refused('rollback: there is no champion yet');
    require(run.accepted.includes(
      to,
    ), `rollback: ${to} was never accepted in this run; \`run show\` lists those that were`);
    const due = run.unverifiedRollback === to ? '; it awaits its verification, which `run resume` makes' : '';
    require(from !== to, `rollback: ${to} is the champion already${due}`);
    if (cause === 'drill') requireDrill(run, from, to);
    if (cause === 'drift') require(alarmed(run)?.to === to, `rollback: no alarm asks for ${to}`);
    const halts = HALTING.includes(cause) && run.status === 'running';
    return [
      RollbackRequested.of({ from, to, cause, reason, requester }),
      ...abandon(cycleOf(run, lastCycle(run))),
      ChampionRolledBack.of({ from, to, reason }),
      ...(halts ? [RunHalted.of({ reason, requester })] : []),
    ];
  });

/** A champion that no longer probes as it did when it was accepted is nothing to go on from: the run halts. */
export const verifyRollback = (data: DataOf<'RollbackVerified'>): RunDecision =>
  on((run) => {
    require(run.unverifiedRollback === data.checkpoint, `rollback: ${data.checkpoint} awaits no verification`);
    const reason = 'the champion that was rolled back to does not probe as it did when it was accepted';
    const halted = data.equal || run.status !== 'running' ? [] : [RunHalted.of({ reason, requester: 'loop' })];
    return [RollbackVerified.of(data), ...halted];
  });

export const haltRun = (reason: string, requester: string): RunDecision =>
  on((run) => {
    require(run.status === 'running', `run ${run.config.run} is ${run.status} already`);
    return [RunHalted.of({ reason, requester })];
  });

export const resumeRun = (reason: string, requester: string): RunDecision =>
  on((run) => {
    require(run.status === 'halted', `run ${run.config.run} is ${run.status}, not halted`);
    require(run.anchor !== undefined ||
      !cycleOf(run, 0)
        .aborted, 'the base could not be trained and would end the same way again; start another run with another base');
    return [RunResumed.of({ reason, requester })];
  });

export const openLook = (suite: string): RunDecision =>
  on((run) => {
    requireVerified(run);
    requireCalm(run);
    require(run.look === undefined, 'the one registered look at the report suite has been taken');
    return [LookOpened.of({ look: 1, suite, checkpoints: [...checkpointsToReport(run)] })];
  });

export const completeRun = (): RunDecision =>
  on((run) => {
    const verdicts = run.cycles.map(({ verdict }) => verdict?.verdict);
    const count = (verdict: string) => verdicts.filter((candidate) => candidate === verdict).length;
    if (!run.champion) throw new Refused('the run has no champion yet');
    requireVerified(run);
    require(run.status === 'running', `the run is ${run.status}, so it cannot be completed`);
    return [
      RunCompleted.of({
        cycles: lastCycle(run),
        accepted: count('ACCEPT'),
        rejected: count('REJECT'),
        inconclusive: count('INCONCLUSIVE'),
        champion: run.champion,
      }),
    ];
  });
