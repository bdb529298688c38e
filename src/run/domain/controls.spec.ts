import type { Reason } from '#constitution/domain/verdict.js';
import { Refused } from '#ledger/decider.js';
import { countHeld, failedControls, honeypotsHeld } from './controls.js';
import type { DataOf, RunEvent } from './events.js';
import { checkControls, compareShadow, measureDrift, recordProbes, voidEvaluation } from './evidence-decisions.js';
import { ControlsChecked, EvaluationVoided, ShadowCompared } from './evidence-events.js';
import { nextStep } from './next-step.js';
import { initialRecovery } from './recovery.js';
import { standsOn } from './rule-evidence.js';
import { emptyCycle, type Cycle } from './cycle.js';
import { evolve, type Started } from './run.js';

const [anchor, candidate, blob] = ['a', 'b', 'e'].map((digit) => digit.repeat(64)) as [string, string, string];

type Figure = DataOf<'ControlsChecked'>['controls'][number];
const figure = (control: Figure['control'], held = true): Figure => ({
  control,
  model: 'candidate',
  items: 2,
  scoredBytes: 9,
  statistic: 'right-answers',
  relation: 'at-most',
  expected: 3,
  seen: held ? 1 : 9,
  held,
});
const checked = (...controls: Figure[]): DataOf<'ControlsChecked'> => ({
  cycle: 1,
  checkpoint: candidate,
  evaluator: 'native',
  itemsDigest: blob,
  controls,
  results: blob,
  env: { build: 'b' },
});
const late: DataOf<'EvaluationVoided'> = {
  cycle: 1,
  checkpoint: candidate,
  evaluator: 'onnx',
  cause: 'timed-out',
  reason: 'no answer',
};
const compared = (second: string): DataOf<'ShadowCompared'> => ({
  cycle: 1,
  checkpoint: candidate,
  evaluators: ['native', second],
  items: 8,
  tolerance: {},
  agreed: true,
  reasons: [],
  approx: {},
  env: { build: 'b' },
});

const PROBES = [
  { subject: 'candidate', role: 'gate' },
  { subject: 'anchor', role: 'gate' },
  { subject: 'candidate', role: 'shadow' },
  { subject: 'champion', role: 'shadow' },
] as unknown as Cycle['probes'];

/** A run whose first candidate is trained and probed. */
const probed = (evaluation = { controlBlocks: 8, referenceItems: 8, calibrationDocuments: 150 }): Started => {
  const cycle = {
    ...emptyCycle(1),
    proposal: { allocation: { policy: 'uniform' } },
    produced: { candidate, cycle: 1 },
    probes: PROBES,
  };
  const config = { evaluation, cycles: 2, rescue: { interpolate: false }, stall: null };
  const run = { ...initialRecovery, status: 'running', config, champion: anchor, anchor: { checkpoint: anchor } };
  return { ...run, cycles: [emptyCycle(0), cycle] } as unknown as Started;
};
const after = (run: Started, ...events: RunEvent[]): Started =>
  events.reduce<Started>((r, e) => evolve(r, e) as Started, run);
const refused = (decision: ReturnType<typeof checkControls>, run: Started, because: RegExp): void => {
  expect(() => decision(run)).toThrow(Refused);
  expect(() => decision(run)).toThrow(because);
};

const sound = ControlsChecked.of(checked(figure('positive'), figure('honeypot')));

describe('controls of an evaluation', () => {
  it('come after the probes and before anybody is compared', () => {
    expect(nextStep(probed())).toEqual({ kind: 'check-controls', cycle: 1 });
    expect(nextStep(after(probed(), sound))).toEqual({ kind: 'compare-shadow', cycle: 1 });
    const shadowed = after(probed(), sound, ShadowCompared.of(compared('onnx')));
    expect(nextStep(shadowed)).toEqual({ kind: 'compare-reference', cycle: 1 });
    const both = after(shadowed, ShadowCompared.of(compared('reference')));
    expect(nextStep(both)).toEqual({ kind: 'measure-drift', cycle: 1 });
    expect(both.cycles[1]).toMatchObject({ shadow: compared('onnx'), reference: compared('reference') });
  });

  it('are none in a run that began without them', () => {
    const before = probed({ controlBlocks: 0, referenceItems: 0, calibrationDocuments: 0 });
    expect(nextStep(before)).toEqual({ kind: 'compare-shadow', cycle: 1 });
    const shadowed = after(before, ShadowCompared.of(compared('onnx')));
    expect(nextStep(shadowed)).toEqual({ kind: 'measure-drift', cycle: 1 });
  });

  it('are checked once, of the candidate, when it has its probes', () => {
    refused(checkControls(sound.data), after(probed(), sound), /checked already/);
    refused(checkControls({ ...sound.data, checkpoint: anchor }), probed(), /is not the candidate/);
    const run = probed();
    const [base, cycle] = run.cycles as [Cycle, Cycle];
    const unprobed = { ...run, cycles: [base, { ...cycle, probes: PROBES.slice(1) }] };
    refused(checkControls(sound.data), unprobed, /not all its probes/);
  });

  it('void the evaluation in the same append when one fails, but not by a honeypot', () => {
    expect(checkControls(sound.data)(probed())).toEqual([sound]);
    const leak = checked(figure('positive'), figure('honeypot', false));
    expect(checkControls(leak)(probed())).toEqual([ControlsChecked.of(leak)]);
    const failed = checked(figure('negative', false), figure('null', false));
    expect(checkControls(failed)(probed())).toEqual([
      ControlsChecked.of(failed),
      EvaluationVoided.of({
        ...late,
        evaluator: 'native',
        cause: 'control',
        reason: 'negative control (candidate): 9 right answers, expected at most 3',
      }),
    ]);
  });
});

describe('a void', () => {
  const voided = after(probed(), EvaluationVoided.of(late));

  it('leads to the verdict, whatever is missing', () => {
    expect(voidEvaluation(late)(probed())).toEqual([EvaluationVoided.of(late)]);
    expect(nextStep(voided)).toEqual({ kind: 'judge', cycle: 1 });
  });

  it('is the last that is measured in a cycle', () => {
    const drift = { cycle: 1, checkpoint: candidate } as DataOf<'DriftMeasured'>;
    const probe = { cycle: 1, role: 'gate', subject: 'candidate' } as DataOf<'ProbesRecorded'>;
    for (const decision of [
      voidEvaluation(late),
      checkControls(sound.data),
      compareShadow(compared('onnx')),
      measureDrift([drift]),
      recordProbes(probe),
    ])
      refused(decision, voided, /voided/);
  });

  it('for a failed control comes from controls only', () =>
    refused(voidEvaluation({ ...late, cause: 'control' }), probed(), /only the controls/));
});

describe('counting controls', () => {
  it('takes a control for passed when every figure of it is as expected', () => {
    const figures = [figure('positive'), figure('positive', false), figure('identity'), figure('honeypot', false)];
    expect(countHeld(figures)).toEqual({ held: 1, checked: 3 });
    expect(failedControls(figures)).toEqual([figures[1]]);
    expect([honeypotsHeld(figures), honeypotsHeld([figure('honeypot')]), honeypotsHeld([])]).toEqual([
      false,
      true,
      false,
    ]);
  });
});

describe('what a finding stands on', () => {
  const cited = (type: string) => ({ type, role: null, metric: null });
  const reason = (kind: Reason['kind'], statistic: string) => ({ kind, statistic }) as Reason;
  it.each([
    ['HARD', 'honeypots', 'ControlsChecked', true],
    ['HARD', 'check', 'ControlsChecked', false],
    ['HARD', 'check', 'UpdateProduced', true],
    ['EVIDENCE', 'passed-controls', 'ControlsChecked', true],
    ['EVIDENCE', 'passed-controls', 'ShadowCompared', false],
    ['EVIDENCE', 'agreeing-evaluators', 'ShadowCompared', true],
    ['EVIDENCE', 'check', 'EvaluationVoided', true],
  ] as const)('%s %s and %s: %s', (kind, statistic, type, stands) =>
    expect(standsOn(reason(kind, statistic), cited(type))).toBe(stands),
  );
});
