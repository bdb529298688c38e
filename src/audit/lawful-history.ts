import { Refused } from '#ledger/decider.js';
import { decode } from '#ledger/ledger.js';
import { canonicalJson, type Record } from '#ledger/record.js';
import { backOffRegime, rescueCandidate, stallRun } from '#run/domain/adaptation-decisions.js';
import {
  completeRun,
  haltRun,
  openLook,
  proposeCycle,
  resumeRun,
  rollBack,
  startRun,
  verifyRollback,
} from '#run/domain/decisions.js';
import type { RunDecision } from '#run/domain/deciding.js';
import type { RunEvent } from '#run/domain/events.js';
import {
  checkControls,
  compareShadow,
  measureCalibration,
  measureDrift,
  reachVerdict,
  recordProbes,
  voidEvaluation,
} from '#run/domain/evidence-decisions.js';
import { resetAnchor } from '#run/domain/lineage.js';
import { runStream, type Run } from '#run/domain/run.js';
import {
  abortUpdate,
  establishAnchor,
  produceUpdate,
  recoverUpdate,
  requestUpdate,
  startUpdate,
} from '#run/domain/update-decisions.js';

/** Where a run's history first departs from its rules, and what they say. */
export type Unlawful = Readonly<{ revision: number; type: string; because: string }>;

const never =
  (because: string): RunDecision =>
  () => {
    throw new Refused(because);
  };

/** The decision that alone may have written the event, and what stands behind it where that was one append. */
const decisionBehind = (event: RunEvent, next: RunEvent | undefined): RunDecision => {
  switch (event.type) {
    case 'RunStarted':
      return startRun(event.data);
    case 'UpdateRequested':
      return requestUpdate(event.data);
    case 'UpdateStarted':
      return startUpdate(event.data);
    case 'UpdateProduced':
      return produceUpdate(event.data);
    case 'UpdateAborted':
      return next?.type === 'CycleRecovered' ? recoverUpdate(event.data.cycle) : abortUpdate(event.data);
    case 'AnchorEstablished':
      return establishAnchor(event.data);
    case 'CycleProposed':
      if (next?.type === 'CandidateInterpolated') return rescueCandidate(next.data.candidate);
      return proposeCycle(event.data, next?.type === 'CycleRefused' ? next.data.violations : []);
    case 'ProbesRecorded':
      return recordProbes(event.data);
    case 'ControlsChecked':
      return checkControls(event.data);
    case 'EvaluationVoided':
      return voidEvaluation(event.data);
    case 'ShadowCompared':
      return compareShadow(event.data);
    case 'DriftMeasured':
      return measureDrift([event.data]);
    case 'CalibrationMeasured':
      return measureCalibration(event.data);
    case 'VerdictReached':
      return reachVerdict(event.data);
    case 'RegimeBackedOff':
      return backOffRegime(event.data.cycle, event.data.to);
    case 'AdaptationStalled':
      return stallRun();
    case 'RollbackRequested':
      return rollBack(event.data.to, event.data.reason, event.data.requester, event.data.cause);
    case 'RollbackVerified':
      return verifyRollback(event.data);
    case 'RunHalted':
      return haltRun(event.data.reason, event.data.requester);
    case 'RunResumed':
      return resumeRun(event.data.reason, event.data.requester);
    case 'LookOpened':
      return openLook(event.data.suite);
    case 'RunCompleted':
      return completeRun();
    case 'AnchorReset':
      return resetAnchor(event.data);
    case 'CandidatePromoted':
    case 'CandidateRejected':
      return never('it stands apart from a verdict, and only a verdict settles a candidate');
    case 'CycleRefused':
      return never('it stands apart from the proposal it refuses');
    case 'CandidateInterpolated':
      return never('it stands apart from the proposal of its cycle');
    case 'ChampionRolledBack':
      return never('it stands apart from a request to roll back');
    case 'CycleRecovered':
      return never('it stands apart from the attempt it recovers');
    default: {
      const unknown: never = event;
      return unknown;
    }
  }
};

/** What the rules write in this state, or why they write nothing. */
const decided = (decision: RunDecision, state: Run): readonly RunEvent[] | string => {
  try {
    return decision(state);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return error.message;
  }
};

/**
 * Decides every event of a run again, in the state that the events before it left: a candidate promoted without an ACCEPT, a
 * second verdict, probes of other weights or a rollback to what was never accepted are none that the rules would write.
 */
export const firstUnlawful = (records: readonly Record[]): Unlawful | undefined => {
  const events = records.map((record) => decode(runStream.events, record));
  let state = runStream.initial;
  for (let at = 0; at < events.length;) {
    const event = events[at] as RunEvent;
    const expected = decided(decisionBehind(event, events[at + 1]), state);
    const found = (place: number, because: string): Unlawful => ({
      revision: records[place]?.revision ?? place,
      type: events[place]?.type ?? 'nothing',
      because,
    });
    if (typeof expected === 'string') return found(at, expected);
    for (const [offset, should] of expected.entries()) {
      const is = events[at + offset];
      if (is && canonicalJson(is) === canonicalJson(should)) continue;
      return found(at + offset, `after ${event.type} the rules write another ${should.type} here`);
    }
    if (expected.length === 0) return found(at, 'the rules write nothing here');
    state = events.slice(at, at + expected.length).reduce<Run>(runStream.evolve, state);
    at += expected.length;
  }
  return undefined;
};
