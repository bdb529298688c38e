import { REFERENCE_EVALUATOR } from '#evaluation/domain/comparison.js';
import type { DataOf, RunEvent } from './events.js';

/** One cycle as far as it has come; cycle 0 is the training of the base. */
export type Cycle = Readonly<{
  cycle: number;
  proposal?: DataOf<'CycleProposed'>;
  refused?: DataOf<'CycleRefused'>;
  requested?: DataOf<'UpdateRequested'>;
  started?: DataOf<'UpdateStarted'>;
  produced?: DataOf<'UpdateProduced'>;
  /** Of a rescue, whose candidate is computed instead of trained. */
  interpolated?: DataOf<'CandidateInterpolated'>;
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

export const emptyCycle = (cycle: number): Cycle => ({
  cycle,
  interruptions: 0,
  probes: [],
  drift: [],
  calibration: [],
});

/** A cycle that needs nothing more: judged, refused, aborted, or frozen by its policy. */
export const isClosed = (cycle: Cycle): boolean =>
  cycle.verdict !== undefined ||
  cycle.refused !== undefined ||
  cycle.aborted !== undefined ||
  cycle.proposal?.allocation.policy === 'frozen';

/** The weights that a cycle is about: what its update produced, or what was computed from a rejected one. */
export const candidateIn = ({ produced, interpolated }: Cycle): string | undefined =>
  produced?.candidate ?? interpolated?.candidate;

/** Whether a comparison is the one with the third evaluator. */
export const isReference = ({ evaluators }: DataOf<'ShadowCompared'>): boolean => evaluators[1] === REFERENCE_EVALUATOR;

/** Whether a machine was to blame and not the update: the same plan is then trained again. */
export const isInterruption = (data: DataOf<'UpdateAborted'>): boolean =>
  ['crash', 'cancelled', 'lost'].includes(data.reason);

/** The cycle after an update ended without weights: an interrupted one is to be had again. */
export const abort = (before: Cycle, data: DataOf<'UpdateAborted'>): Cycle => {
  if (!isInterruption(data)) return { ...before, aborted: data };
  const { requested: _requested, started: _started, ...rest } = before;
  return { ...rest, interruptions: before.interruptions + 1 };
};

type Told = Extract<
  RunEvent,
  {
    type:
      | 'CycleProposed'
      | 'CycleRefused'
      | 'CandidateInterpolated'
      | 'UpdateRequested'
      | 'UpdateStarted'
      | 'UpdateProduced'
      | 'ControlsChecked'
      | 'EvaluationVoided'
      | 'ShadowCompared'
      | 'DriftMeasured'
      | 'CalibrationMeasured';
  }
>;

/** A cycle after an event that changes nothing but it. */
export const evolveCycle = (before: Cycle, event: Told): Cycle => {
  switch (event.type) {
    case 'CycleProposed':
      return { ...before, proposal: event.data };
    case 'CycleRefused':
      return { ...before, refused: event.data };
    case 'CandidateInterpolated':
      return { ...before, interpolated: event.data };
    case 'UpdateRequested':
      return { ...before, requested: event.data };
    case 'UpdateStarted':
      return { ...before, started: event.data };
    case 'UpdateProduced':
      return { ...before, produced: event.data };
    case 'ControlsChecked':
      return { ...before, controls: event.data };
    case 'EvaluationVoided':
      return { ...before, voided: event.data };
    case 'ShadowCompared':
      return { ...before, [isReference(event.data) ? 'reference' : 'shadow']: event.data };
    case 'DriftMeasured':
      return { ...before, drift: [...before.drift, event.data] };
    case 'CalibrationMeasured':
      return { ...before, calibration: [...before.calibration, event.data] };
  }
};
