import type { EventOf } from '#ledger/event.js';
import { AdaptationStalled, CandidateInterpolated, RegimeBackedOff } from './adaptation-events.js';
import {
  CalibrationMeasured,
  CandidatePromoted,
  CandidateRejected,
  ControlsChecked,
  DriftMeasured,
  EvaluationVoided,
  ProbesRecorded,
  ShadowCompared,
  VerdictReached,
} from './evidence-events.js';
import {
  AnchorReset,
  ChampionRolledBack,
  CycleProposed,
  CycleRecovered,
  CycleRefused,
  LookOpened,
  RollbackRequested,
  RollbackVerified,
  RunCompleted,
  RunHalted,
  RunResumed,
} from './lifecycle-events.js';
import {
  AnchorEstablished,
  RunStarted,
  UpdateAborted,
  UpdateProduced,
  UpdateRequested,
  UpdateStarted,
} from './update-events.js';

/** Every event of the stream `run-<id>`. */
export const runEvents = [
  RunStarted,
  UpdateRequested,
  UpdateStarted,
  UpdateProduced,
  UpdateAborted,
  AnchorEstablished,
  CycleProposed,
  CycleRefused,
  ProbesRecorded,
  ControlsChecked,
  EvaluationVoided,
  ShadowCompared,
  DriftMeasured,
  CalibrationMeasured,
  VerdictReached,
  CandidatePromoted,
  CandidateRejected,
  CandidateInterpolated,
  RegimeBackedOff,
  AdaptationStalled,
  RollbackRequested,
  ChampionRolledBack,
  RollbackVerified,
  RunHalted,
  RunResumed,
  LookOpened,
  RunCompleted,
  CycleRecovered,
  AnchorReset,
] as const;
export type RunEvent = EventOf<(typeof runEvents)[number]>;
export type DataOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>['data'];
