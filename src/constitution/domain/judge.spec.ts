import { constitutionInputSchema, defaultConstitution as constitution, type Constitution } from './document.js';
import type { Rule } from './rules.js';
import type { Evidence, Paired } from './evidence.js';
import { alphaShare, judge } from './judge.js';
import { noise } from './simulation.js';
import { verdictSchema, type Verdict } from './verdict.js';

const share = alphaShare(constitution);
const draws = (metric: string, units: number, mean: number, sd: number): number[] => {
  const source = noise('spec', metric, 0);
  return Array.from({ length: units }, () => mean + sd * source.next().value);
};
const general = (lossPercent: number, units = 160): Paired => ({
  metric: 'general-bits-per-byte',
  reference: 'anchor',
  referenceMean: 2.5,
  differences: draws('general', units, -lossPercent * 0.025, 0.02),
});
const capability = (gainPoints: number, units = 160): Paired => ({
  metric: 'capability',
  reference: 'champion',
  referenceMean: 0.4,
  differences: draws('capability', units, gainPoints / 100, 0.025),
});
const calibration = (lossPercent: number, units = 160): Paired => ({
  metric: 'calibration-brier',
  reference: 'anchor',
  referenceMean: 0.6,
  differences: draws('calibration', units, -lossPercent * 0.006, 0.006),
});
const good: Evidence = {
  candidate: 'c'.repeat(64),
  finite: true,
  architectureUnchanged: true,
  budgets: { steps: 150, tokens: 307_200, klNatsPerByte: 0.012, weightRatio: 0.08 },
  lineage: { k: 3, kMax: 12, alphaSpent: 2 * share },
  suites: [{ suite: 'gate-docs', role: 'gate', queriesLeft: 9 }],
  controls: { held: 8, checked: 8 },
  honeypotsFail: true,
  evaluators: [
    { name: 'native', build: '1', agreed: true },
    { name: 'onnx', build: '1', agreed: true },
    { name: 'reference', build: '1', agreed: true },
  ],
  paired: [general(0), calibration(0), capability(2)],
};
const deciding = ({ verdict, reasons }: Verdict): string =>
  [verdict, ...reasons.filter((reason) => reason.outcome !== 'pass').map((reason) => reason.rule)].join(' ');
const judged = (change: Partial<Evidence>, document = constitution): string =>
  deciding(judge(document, { ...good, ...change }));

const jsonKept: Rule = {
  rule: 'json-kept',
  kind: 'NON-INFERIORITY',
  metric: 'json-bits-per-byte',
  measure: 'bits-per-byte',
  reference: 'anchor',
  margin: { relative: 0.01 },
  largestLoss: 0.2,
};

describe('judge', () => {
  it('accepts when every rule passes, and says by how much', () => {
    const verdict = judge(constitution, good);
    expect(deciding(verdict)).toBe('ACCEPT');
    expect(verdict.summary).toMatch(
      /^Promoted, since all 16 rules pass: capability \+\d.* points against the champion/,
    );
    expect(verdictSchema.parse(verdict)).toEqual(verdict);
    expect(JSON.stringify(verdict).length).toBeLessThan(8_000);
  });

  it.each([
    ['weights-finite', { finite: false }],
    ['architecture-unchanged', { architectureUnchanged: false }],
    ['steps-within-budget', { budgets: { ...good.budgets, steps: 2_001 } }],
    ['tokens-within-budget', { budgets: { ...good.budgets, tokens: 4_000_001 } }],
    ['drift-within-budget', { budgets: { ...good.budgets, klNatsPerByte: 0.0501 } }],
    ['weights-within-budget', { budgets: { ...good.budgets, weightRatio: 0.2501 } }],
    ['suites-within-budget', { suites: [{ suite: 'gate-docs', role: 'gate' as const, queriesLeft: -1 }] }],
    ['suites-sealed', { suites: [] }],
    ['honeypots-fail', { honeypotsFail: false }],
    ['controls-passed', { controls: { held: 7, checked: 8 } }],
    ['controls-passed', { controls: { held: 7, checked: 7 } }],
    ['evaluators-agree', { evaluators: good.evaluators.slice(0, 2) }],
    ['evaluators-agree', { evaluators: good.evaluators.map((each) => ({ ...each, agreed: each.name === 'native' })) }],
    ['evaluators-agree', { evaluators: [...good.evaluators, { name: 'fourth', build: '1', agreed: false }] }],
    ['general-quality-kept', { paired: [calibration(0), general(4), capability(2)] }],
    ['capability-kept', { paired: [calibration(0), general(0), capability(-4)] }],
    ['calibration-kept', { paired: [calibration(6), general(0), capability(2)] }],
    ['calibration-kept', { paired: [general(0), capability(2)] }],
    ['alpha-balance', { lineage: { k: 13, kMax: 12, alphaSpent: 0.05 } }],
    ['alpha-balance', { lineage: { k: 13, kMax: 12, alphaSpent: 0 } }],
    ['alpha-balance', { lineage: { k: 2, kMax: 12, alphaSpent: 0.05 } }],
    ['alpha-balance', { lineage: { k: 1, kMax: 24, alphaSpent: 0 } }],
  ])('rejects by %s', (rule, change) => {
    const verdict = judge(constitution, { ...good, ...change });
    expect(verdict.verdict).toBe('REJECT');
    expect(verdict.reasons.filter((reason) => reason.outcome === 'fail').map((reason) => reason.rule)).toContain(rule);
    const sentence = verdict.reasons.find((reason) => reason.rule === rule)?.sentence ?? '';
    if (!rule.startsWith('capability')) expect(verdict.summary).toContain(sentence);
  });

  it('rejects for one ruined document among good ones, and shows it', () => {
    const differences = general(0).differences.with(4, -0.3);
    const verdict = judge(constitution, {
      ...good,
      paired: [calibration(0), { ...general(0), differences }, capability(2)],
    });
    expect(deciding(verdict)).toBe('REJECT general-quality-kept');
    expect(verdict.summary).toContain('document 5 lost more than the 0.2 bits per byte');
    const reason = verdict.reasons.find((each) => each.rule === 'general-quality-kept');
    expect(reason?.paired).toMatchObject({
      eValue: 0,
      unitsRead: 5,
      units: 160,
      worstUnit: { index: 4, difference: -0.3 },
    });
  });

  it('is inconclusive when there are too few units', () =>
    expect(judged({ paired: [calibration(0), general(0, 20), capability(2)] })).toBe(
      'INCONCLUSIVE general-quality-kept',
    ));

  it('is inconclusive when the loss stands on the margin', () =>
    expect(judged({ paired: [calibration(0), general(1), capability(2)] })).toBe('INCONCLUSIVE general-quality-kept'));

  it('does not promote without a step forward', () => {
    const units = capability(0, 400).differences;
    const mean = units.reduce((sum, difference) => sum + difference, 0) / units.length;
    const still = { ...capability(0), differences: units.map((difference) => 0.4 * (difference - mean) - 0.0005) };
    expect(judged({ paired: [calibration(0), general(0), still] })).toBe('INCONCLUSIVE capability-rises');
  });

  it('prefers REJECT to INCONCLUSIVE', () =>
    expect(judged({ paired: [calibration(0), general(0, 20), capability(2)], finite: false })).toBe(
      'REJECT weights-finite general-quality-kept',
    ));

  it('asks for proof of gain where the document does', () => {
    const strict = constitutionInputSchema.parse({ superiority: 'champion' });
    expect(judged({ paired: [calibration(0), general(0), capability(0.5, 400)] })).toBe('ACCEPT');
    expect(judged({ paired: [calibration(0), general(0), capability(0.5)] }, strict)).toBe(
      'INCONCLUSIVE capability-superior',
    );
    expect(judged({ paired: [calibration(0), general(0), capability(3)] }, strict)).toBe('ACCEPT');
  });

  it('holds a further metric to the anchor, and misses it when it is not measured', () => {
    const strict: Constitution = { ...constitution, rules: [...constitution.rules, jsonKept] };
    const json = (lossPercent: number) => ({ ...general(lossPercent), metric: 'json-bits-per-byte' });
    expect(judged({}, strict)).toBe('REJECT json-kept');
    expect(judged({ paired: [...good.paired, json(4)] }, strict)).toBe('REJECT json-kept');
    expect(judged({ paired: [...good.paired, json(0)] }, strict)).toBe('ACCEPT');
  });

  it('does not take a measurement against the champion for one against the anchor', () =>
    expect(judged({ paired: [calibration(0), { ...general(0), reference: 'champion' }, capability(2)] })).toBe(
      'REJECT general-quality-kept',
    ));

  it('spends one share for every judged candidate and none beyond the plan', () => {
    const rejected = judge(constitution, { ...good, finite: false });
    expect(rejected.alphaSpent).toBe(share);
    expect(rejected.alphaLeft).toBeCloseTo(9 * share, 12);
    const beyond = judge(constitution, { ...good, lineage: { k: 13, kMax: 12, alphaSpent: 0.05 } });
    expect([beyond.alphaSpent, beyond.alphaLeft]).toEqual([0, 0]);
  });

  it('has a share for all kMax candidates, whatever the rounding', () => {
    for (const kMax of [1, 3, 7, 12, 49, 1000]) {
      const document = constitutionInputSchema.parse({ alphaPlan: { kMax } });
      let alphaSpent = 0;
      for (let k = 1; k <= kMax; k += 1) {
        const verdict = judge(document, { ...good, paired: [], lineage: { k, kMax, alphaSpent } });
        expect(verdict.reasons.find((reason) => reason.rule === 'alpha-balance')?.outcome).toBe('pass');
        alphaSpent += verdict.alphaSpent;
      }
    }
  });

  it.each([
    ['nothing', undefined, 'evidence'],
    ['text', 'fine', 'evidence'],
    [
      'a weight distance that is no number',
      { ...good, budgets: { ...good.budgets, weightRatio: NaN } },
      'budgets.weightRatio',
    ],
    ['an unknown field', { ...good, waiver: true }, 'evidence'],
    ['a metric given twice', { ...good, paired: [...good.paired, general(0)] }, 'paired'],
    [
      'a unit that is no number',
      { ...good, paired: [calibration(0), { ...general(0), differences: [0, NaN] }] },
      'paired.1.differences.1',
    ],
  ])('rejects %s as evidence and names where', (_, evidence, where) => {
    const verdict = judge(constitution, evidence);
    expect(deciding(verdict)).toBe('REJECT evidence-complete');
    expect(verdict.summary).toContain(`at ${where},`);
    expect(verdictSchema.parse(verdict)).toEqual(verdict);
  });
});

describe('creep', () => {
  it('is stopped by the anchor, though every step is within the margin of the step before', () => {
    const stepPercent = 0.9;
    let championLoss = 0;
    const verdicts = Array.from({ length: 8 }, (_, cycle) => {
      const loss = championLoss + stepPercent;
      const paired = [general(loss, 4_000), calibration(0), capability(2)];
      const lineage = { k: cycle + 1, kMax: 12, alphaSpent: cycle * share };
      const { verdict } = judge(constitution, { ...good, paired, lineage });
      if (verdict === 'ACCEPT') championLoss = loss;
      return verdict;
    });
    expect(verdicts[0]).toBe('ACCEPT');
    expect(verdicts.slice(1).every((verdict) => verdict === 'REJECT')).toBe(true);
    expect(championLoss).toBe(stepPercent);
  });
});
