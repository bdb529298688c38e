import { Refused } from '#ledger/decider.js';
import { candidateOf, on, require, requireVerified, type RunDecision } from './deciding.js';
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
import type { DataOf } from './events.js';
import { failedControls, voidOf } from './controls.js';
import { isProbed } from './next-step.js';
import { isClosed, isReference, type Cycle } from './cycle.js';
import { cycleOf, type Started } from './run.js';

const subjectHash = (run: Started, data: DataOf<'ProbesRecorded' | 'CalibrationMeasured'>): string | undefined =>
  data.subject === 'candidate'
    ? candidateOf(cycleOf(run, data.cycle))
    : data.subject === 'anchor'
      ? (run.lineage.anchor ?? run.anchor?.checkpoint)
      : run.champion;

/** The cycle that these weights are the candidate of, while it may still be measured. */
const openCycle = (run: Started, number: number, checkpoint: string): Cycle => {
  const cycle = cycleOf(run, number);
  require(candidateOf(cycle) === checkpoint, `cycle ${number}: ${checkpoint} is not the candidate`);
  require(!isClosed(cycle), `cycle ${number}: is closed; nothing more is measured in it`);
  require(!cycle.voided, `cycle ${number}: its evaluation is voided; nothing more is measured in it`);
  return cycle;
};

export const recordProbes = (data: DataOf<'ProbesRecorded'>): RunDecision =>
  on((run) => {
    requireVerified(run);
    if (data.role === 'report') {
      require(run.look?.checkpoints.includes(data.checkpoint) ===
        true, 'report: no look has opened it for this checkpoint');
      const again = run.reported.some(({ checkpoint }) => checkpoint === data.checkpoint);
      require(!again, `report: ${data.checkpoint} was shown the report suite already`);
      return [ProbesRecorded.of(data)];
    }
    const cycle = cycleOf(run, data.cycle);
    require(!isClosed(cycle), `probes: cycle ${data.cycle} is closed`);
    require(!cycle.voided, `probes: the evaluation of cycle ${data.cycle} is voided`);
    if (data.role !== 'scout') candidateOf(cycle);
    require(subjectHash(run, data) === data.checkpoint, `probes: ${data.checkpoint} is not the ${data.subject}`);
    const again = cycle.probes.some(
      ({ subject, role, checkpoint }) =>
        subject === data.subject && role === data.role && checkpoint === data.checkpoint,
    );
    require(!again, `probes: the ${data.subject} was shown the ${data.role} suite in cycle ${data.cycle} already`);
    return [ProbesRecorded.of(data)];
  });

/** What the controls showed; an evaluator that failed one has its evaluation voided in the same append. */
export const checkControls = (data: DataOf<'ControlsChecked'>): RunDecision =>
  on((run) => {
    const cycle = openCycle(run, data.cycle, data.checkpoint);
    require(isProbed(cycle), `controls: cycle ${data.cycle} has not all its probes yet`);
    require(!cycle.controls, `controls: cycle ${data.cycle} was checked already`);
    const failed = failedControls(data.controls);
    return [ControlsChecked.of(data), ...(failed[0] ? [EvaluationVoided.of(voidOf(data, failed[0]))] : [])];
  });

/** Ends the evaluation of a candidate that an evaluator gave no answer to. */
export const voidEvaluation = (data: DataOf<'EvaluationVoided'>): RunDecision =>
  on((run) => {
    openCycle(run, data.cycle, data.checkpoint);
    require(data.cause !== 'control', `void: only the controls of cycle ${data.cycle} can say that one failed`);
    return [EvaluationVoided.of(data)];
  });

export const compareShadow = (data: DataOf<'ShadowCompared'>): RunDecision =>
  on((run) => {
    const cycle = openCycle(run, data.cycle, data.checkpoint);
    const before = isReference(data) ? cycle.reference : cycle.shadow;
    require(!before, `shadow: cycle ${data.cycle} was compared already`);
    return [ShadowCompared.of(data)];
  });

export const measureDrift = (data: readonly DataOf<'DriftMeasured'>[]): RunDecision =>
  on((run) =>
    data.map((measured) => {
      const { metric, reference } = measured;
      const { drift } = openCycle(run, measured.cycle, measured.checkpoint);
      const again = drift.some((other) => other.metric === metric && other.reference === reference);
      require(!again, `drift: ${metric} against the ${reference} was measured in cycle ${measured.cycle} already`);
      return DriftMeasured.of(measured);
    }),
  );

export const measureCalibration = (data: DataOf<'CalibrationMeasured'>): RunDecision =>
  on((run) => {
    const { cycle: number, subject, checkpoint } = data;
    const { calibration } = openCycle(run, number, candidateOf(cycleOf(run, number)));
    require(subjectHash(run, data) === checkpoint, `calibration: ${checkpoint} is not the ${subject}`);
    const again = calibration.some((measured) => measured.subject === subject);
    require(!again, `calibration: of the ${subject} it was measured in cycle ${number} already`);
    return [CalibrationMeasured.of(data)];
  });

/** The verdict, what it does to the champion, and the alpha it costs: one append. */
export const reachVerdict = (data: DataOf<'VerdictReached'>): RunDecision =>
  on((run) => {
    const cycle = cycleOf(run, data.cycle);
    const predecessor = run.champion;
    require(!isClosed(cycle), `cycle ${data.cycle}: judged already; a candidate has one verdict`);
    require(candidateOf(cycle) ===
      data.candidate, `verdict: ${data.candidate} is not the candidate of cycle ${data.cycle}`);
    if (!predecessor) throw new Refused('verdict: there is no champion to compare with');
    require(cycle.proposal?.champion ===
      predecessor, `cycle ${data.cycle}: the champion changed since it was proposed`);
    const settled = { cycle: data.cycle, candidate: data.candidate, predecessor };
    return data.verdict === 'ACCEPT'
      ? [VerdictReached.of(data), CandidatePromoted.of({ ...settled, champion: data.candidate })]
      : [VerdictReached.of(data), CandidateRejected.of({ ...settled, champion: predecessor })];
  });
