import { REFERENCE_EVALUATOR } from '#evaluation/domain/comparison.js';
import type { Stream } from '#ledger/decider.js';
import type { RunConfig } from './config.js';
import { runEvents, type DataOf, type RunEvent } from './events.js';

/** One cycle as far as it has come; cycle 0 is the training of the base. */
export type Cycle = Readonly<{
  cycle: number;
  proposal?: DataOf<'CycleProposed'>;
  refused?: DataOf<'CycleRefused'>;
  requested?: DataOf<'UpdateRequested'>;
  started?: DataOf<'UpdateStarted'>;
  produced?: DataOf<'UpdateProduced'>;
  aborted?: DataOf<'UpdateAborted'>;
  /** Attempts that a crash, a cancellation or a lost trainer ended. */
  interruptions: number;
  probes: readonly DataOf<'ProbesRecorded'>[];
  controls?: DataOf<'ControlsChecked'>;
  voided?: DataOf<'EvaluationVoided'>;
  shadow?: DataOf<'ShadowCompared'>;
  /** The comparison with the reference evaluator. */
  reference?: DataOf<'ShadowCompared'>;
  drift: readonly DataOf<'DriftMeasured'>[];
  calibration: readonly DataOf<'CalibrationMeasured'>[];
  verdict?: DataOf<'VerdictReached'>;
}>;

export type Started = Readonly<{
  status: 'running' | 'halted' | 'completed';
  config: RunConfig;
  lineage: DataOf<'RunStarted'>['lineage'];
  anchor: DataOf<'AnchorEstablished'> | undefined;
  champion: string | undefined;
  /** Checkpoints that a rollback may return to: the anchor and every promoted candidate, in order. */
  accepted: readonly string[];
  cycles: readonly Cycle[];
  look: DataOf<'LookOpened'> | undefined;
  /** Probes of the opened report suite. */
  reported: readonly DataOf<'ProbesRecorded'>[];
  /** A rollback whose weights have not been re-probed yet. */
  unverifiedRollback: string | undefined;
}>;
export type Run = Readonly<{ status: 'absent' }> | Started;

export const emptyCycle = (cycle: number): Cycle => ({
  cycle,
  interruptions: 0,
  probes: [],
  drift: [],
  calibration: [],
});

export const cycleOf = (run: Started, cycle: number): Cycle =>
  run.cycles.find((candidate) => candidate.cycle === cycle) ?? emptyCycle(cycle);

/** The number of the last cycle that has begun; 0 while the base is trained. */
export const lastCycle = (run: Started): number => Math.max(0, ...run.cycles.map(({ cycle }) => cycle));

/** A cycle that needs nothing more: judged, refused, aborted, or frozen by its policy. */
export const isClosed = (cycle: Cycle): boolean =>
  cycle.verdict !== undefined ||
  cycle.refused !== undefined ||
  cycle.aborted !== undefined ||
  cycle.proposal?.allocation.policy === 'frozen';

const withCycle = (run: Started, cycle: number, change: (before: Cycle) => Cycle): Started => {
  const others = run.cycles.filter((candidate) => candidate.cycle !== cycle);
  const cycles = [...others, change(cycleOf(run, cycle))].sort((a, b) => a.cycle - b.cycle);
  return { ...run, cycles };
};

const start = (data: DataOf<'RunStarted'>): Started => ({
  status: 'running',
  config: data.config,
  lineage: data.lineage,
  anchor: undefined,
  champion: undefined,
  accepted: [],
  cycles: [emptyCycle(0)],
  look: undefined,
  reported: [],
  unverifiedRollback: undefined,
});

/** Whether a comparison is the one with the third evaluator. */
export const isReference = ({ evaluators }: DataOf<'ShadowCompared'>): boolean => evaluators[1] === REFERENCE_EVALUATOR;

/** Whether a machine was to blame and not the update: the same plan is then trained again. */
export const isInterruption = (data: DataOf<'UpdateAborted'>): boolean =>
  ['crash', 'cancelled', 'lost'].includes(data.reason);

const abort = (before: Cycle, data: DataOf<'UpdateAborted'>): Cycle => {
  if (!isInterruption(data)) return { ...before, aborted: data };
  const { requested: _requested, started: _started, ...rest } = before;
  return { ...rest, interruptions: before.interruptions + 1 };
};

const record = (run: Started, data: DataOf<'ProbesRecorded'>): Started =>
  data.role === 'report'
    ? { ...run, reported: [...run.reported, data] }
    : withCycle(run, data.cycle, (before) => ({ ...before, probes: [...before.probes, data] }));

const evolveStarted = (run: Started, event: Exclude<RunEvent, { type: 'RunStarted' }>): Started => {
  switch (event.type) {
    case 'UpdateRequested':
      return withCycle(run, event.data.cycle, (before) => ({ ...before, requested: event.data }));
    case 'UpdateStarted':
      return withCycle(run, event.data.cycle, (before) => ({ ...before, started: event.data }));
    case 'UpdateProduced':
      return withCycle(run, event.data.cycle, (before) => ({ ...before, produced: event.data }));
    case 'UpdateAborted':
      return withCycle(run, event.data.cycle, (before) => abort(before, event.data));
    case 'AnchorEstablished': {
      const { checkpoint } = event.data;
      return { ...run, anchor: event.data, champion: checkpoint, accepted: [checkpoint] };
    }
    case 'CycleProposed':
      return withCycle(run, event.data.cycle, (before) => ({ ...before, proposal: event.data }));
    case 'CycleRefused':
      return withCycle(run, event.data.cycle, (before) => ({ ...before, refused: event.data }));
    case 'ProbesRecorded':
      return record(run, event.data);
    case 'ControlsChecked':
      return withCycle(run, event.data.cycle, (before) => ({ ...before, controls: event.data }));
    case 'EvaluationVoided':
      return withCycle(run, event.data.cycle, (before) => ({ ...before, voided: event.data }));
    case 'ShadowCompared': {
      const which = isReference(event.data) ? 'reference' : 'shadow';
      return withCycle(run, event.data.cycle, (before) => ({ ...before, [which]: event.data }));
    }
    case 'DriftMeasured':
      return withCycle(run, event.data.cycle, (before) => ({ ...before, drift: [...before.drift, event.data] }));
    case 'CalibrationMeasured': {
      const { data } = event;
      return withCycle(run, data.cycle, (before) => ({ ...before, calibration: [...before.calibration, data] }));
    }
    case 'VerdictReached':
      return withCycle(run, event.data.cycle, (before) => ({ ...before, verdict: event.data }));
    case 'CandidatePromoted':
      return { ...run, champion: event.data.champion, accepted: [...run.accepted, event.data.champion] };
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
    case 'CandidateRejected':
    case 'RollbackRequested':
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
