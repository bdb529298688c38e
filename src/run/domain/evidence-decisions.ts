import { Refused } from '#ledger/decider.js';
import { candidateOf, on, require, type RunDecision } from './deciding.js';
import {
  CandidatePromoted,
  CandidateRejected,
  DriftMeasured,
  ProbesRecorded,
  ShadowCompared,
  VerdictReached,
} from './evidence-events.js';
import type { DataOf } from './events.js';
import { cycleOf, isClosed, type Started } from './run.js';

const subjectHash = (run: Started, data: DataOf<'ProbesRecorded'>): string | undefined =>
  data.subject === 'candidate'
    ? candidateOf(cycleOf(run, data.cycle))
    : data.subject === 'anchor'
      ? (run.lineage.anchor ?? run.anchor?.checkpoint)
      : run.champion;

export const recordProbes = (data: DataOf<'ProbesRecorded'>): RunDecision =>
  on((run) => {
    if (data.role === 'report') {
      require(run.look?.checkpoints.includes(data.checkpoint) ===
        true, 'report: no look has opened it for this checkpoint');
    } else {
      const expected = subjectHash(run, data);
      require(expected === data.checkpoint, `probes: ${data.checkpoint} is not the ${data.subject}`);
    }
    return [ProbesRecorded.of(data)];
  });

export const compareShadow = (data: DataOf<'ShadowCompared'>): RunDecision =>
  on((run) => {
    require(candidateOf(cycleOf(run, data.cycle)) ===
      data.checkpoint, `shadow: ${data.checkpoint} is not the candidate`);
    return [ShadowCompared.of(data)];
  });

export const measureDrift = (data: readonly DataOf<'DriftMeasured'>[]): RunDecision =>
  on(() => data.map((measured) => DriftMeasured.of(measured)));

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
