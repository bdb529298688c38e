import type { Stream } from '#ledger/decider.js';
import type { RunConfig } from './config.js';
import { abort, emptyCycle, evolveCycle, type Cycle } from './cycle.js';
import { runEvents, type DataOf, type RunEvent } from './events.js';
import { counted, endedByItself, initialRecovery, requested, type Recovery } from './recovery.js';

export type Started = Readonly<{
  status: 'running' | 'halted' | 'completed';
  config: RunConfig;
  lineage: DataOf<'RunStarted'>['lineage'];
  /** The registered experiment that it is a run of; a run of none is exploratory. */
  experiment: string | null;
  anchor: DataOf<'AnchorEstablished'> | undefined;
  champion: string | undefined;
  /** Checkpoints that a rollback may return to: the anchor and every promoted candidate, in order. */
  accepted: readonly string[];
  cycles: readonly Cycle[];
  look: DataOf<'LookOpened'> | undefined;
  /** Probes of the opened report suite. */
  reported: readonly DataOf<'ProbesRecorded'>[];
  /** Where people signed that whoever begins from here starts a lineage anew. */
  reset: DataOf<'AnchorReset'> | undefined;
  /** A rollback whose weights have not been re-probed yet. */
  unverifiedRollback: string | undefined;
}> &
  Recovery;
export type Run = Readonly<{ status: 'absent' }> | Started;

export const cycleOf = (run: Started, cycle: number): Cycle =>
  run.cycles.find((candidate) => candidate.cycle === cycle) ?? emptyCycle(cycle);

/** The number of the last cycle that has begun; 0 while the base is trained. */
export const lastCycle = (run: Started): number => Math.max(0, ...run.cycles.map(({ cycle }) => cycle));

const withCycle = (run: Started, cycle: number, change: (before: Cycle) => Cycle): Started => {
  const others = run.cycles.filter((candidate) => candidate.cycle !== cycle);
  const cycles = [...others, change(cycleOf(run, cycle))].sort((a, b) => a.cycle - b.cycle);
  return { ...run, cycles };
};

const start = (data: DataOf<'RunStarted'>): Started => ({
  status: 'running',
  config: data.config,
  lineage: data.lineage,
  experiment: data.experiment,
  anchor: undefined,
  champion: undefined,
  accepted: [],
  cycles: [emptyCycle(0)],
  look: undefined,
  reported: [],
  reset: undefined,
  unverifiedRollback: undefined,
  ...initialRecovery,
});

const record = (run: Started, data: DataOf<'ProbesRecorded'>): Started =>
  data.role === 'report'
    ? { ...run, reported: [...run.reported, data] }
    : withCycle(run, data.cycle, (before) => ({ ...before, probes: [...before.probes, data] }));

const ended = (run: Started, data: DataOf<'UpdateAborted'>): Started => {
  const after = withCycle(run, data.cycle, (before) => abort(before, data));
  return endedByItself(data) ? counted(after, cycleOf(run, data.cycle).proposal) : after;
};

const judged = (run: Started, data: DataOf<'VerdictReached'>): Started => {
  const after = withCycle(run, data.cycle, (before) => ({ ...before, verdict: data }));
  return data.verdict === 'REJECT' ? counted(after, cycleOf(run, data.cycle).proposal) : after;
};

const evolveStarted = (run: Started, event: Exclude<RunEvent, { type: 'RunStarted' }>): Started => {
  switch (event.type) {
    case 'CycleProposed':
    case 'CycleRefused':
    case 'CandidateInterpolated':
    case 'UpdateRequested':
    case 'UpdateStarted':
    case 'UpdateProduced':
    case 'ControlsChecked':
    case 'EvaluationVoided':
    case 'ShadowCompared':
    case 'DriftMeasured':
    case 'CalibrationMeasured':
      return withCycle(run, event.data.cycle, (before) => evolveCycle(before, event));
    case 'UpdateAborted':
      return ended(run, event.data);
    case 'AnchorEstablished': {
      const { checkpoint } = event.data;
      return { ...run, anchor: event.data, champion: checkpoint, accepted: [checkpoint] };
    }
    case 'ProbesRecorded':
      return record(run, event.data);
    case 'VerdictReached':
      return judged(run, event.data);
    case 'CandidatePromoted': {
      const { champion } = event.data;
      return { ...run, champion, accepted: [...run.accepted, champion], rejectedInARow: [] };
    }
    case 'RegimeBackedOff':
      return { ...run, backedOff: event.data, rejectedInARow: [] };
    case 'AdaptationStalled':
      return { ...run, rejectedInARow: [] };
    case 'RollbackRequested':
      return requested(run, event.data);
    case 'ChampionRolledBack':
      return { ...run, champion: event.data.to, unverifiedRollback: event.data.to };
    case 'RollbackVerified':
      return { ...run, unverifiedRollback: undefined };
    case 'RunHalted':
      return { ...run, status: 'halted' };
    case 'RunResumed':
      return { ...run, status: 'running' };
    case 'LookOpened':
      return { ...run, look: event.data };
    case 'RunCompleted':
      return { ...run, status: 'completed' };
    case 'AnchorReset':
      return { ...run, reset: event.data };
    case 'CandidateRejected':
    case 'CycleRecovered':
      return run;
    default: {
      const unknown: never = event;
      return unknown;
    }
  }
};

export const evolve = (run: Run, event: RunEvent): Run => {
  if (event.type === 'RunStarted') return start(event.data);
  if (run.status === 'absent') throw new RangeError(`${event.type} before RunStarted`);
  return evolveStarted(run, event);
};

export const runStream: Stream<Run, (typeof runEvents)[number]> = {
  name: 'run',
  events: runEvents,
  initial: { status: 'absent' },
  evolve,
};
