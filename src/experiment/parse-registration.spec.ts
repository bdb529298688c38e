import { conservative } from '#constitution/domain/regime.js';
import { runFileSchema } from '#run/domain/run-file.js';
import { runConfig } from '#run/domain/run-settings.js';
import { armFile } from './domain/planned-runs.js';
import { registrationShape, type Registration } from './domain/registration.js';
import { parseRegistration } from './parse-registration.js';

const hypothesis = {
  hypothesis: 'better',
  claim: 'The treated arm ends with more capability.',
  metric: 'capability',
  arm: 'treated',
  against: 'plain',
  expects: 'superior',
};
const written = (changes: object = {}): object => ({
  experiment: 'drug',
  question: 'Does it help?',
  arms: [{ arm: 'plain' }, { arm: 'treated', changes: { regime: 'aggressive' } }],
  seeds: 8,
  cycles: 2,
  hypotheses: [hypothesis],
  ...changes,
});
const armWith = (changes: object): object => written({ arms: [{ arm: 'plain' }, { arm: 'treated', changes }] });
const withHypothesis = (changes: object): object => written({ hypotheses: [{ ...hypothesis, ...changes }] });

it('fills in what is left out', () =>
  expect(parseRegistration(written())).toMatchObject({
    primaryMetric: 'capability',
    sesoiPoints: 1,
    alpha: 0.05,
    failureRules: { endedEarly: 'inconclusive', noReading: 'inconclusive' },
    hypotheses: [{ reads: 'champion', test: 'paired-t' }],
  }));

describe('what a build fills in', () => {
  const settingsOf = (registration: Registration, arm: string): object => {
    const of = { experiment: 'drug', arm };
    const file = runFileSchema.parse(armFile(registration, { run: 'r', seed: 1, of }));
    return runConfig(file, { constitution: { id: 'x', version: 1 }, parent: null });
  };

  it('is said in the registration, which gives the same again', () => {
    const parsed = parseRegistration(written());
    expect(parsed.run).toMatchObject({ model: { dModel: 64 }, regime: { label: 'conservative', steps: 150 } });
    expect(parsed.arms[1]?.changes).toMatchObject({ regime: { label: 'aggressive', klBeta: 0 } });
    expect(parseRegistration(parsed)).toEqual(parsed);
  });

  it.each([
    [{ regime: 'aggressive' }],
    [{ 'regime.klBeta': 0.5, 'base.steps': 3 }],
    [{ 'model.dModel': 32, 'evaluation.blocks': 40 }],
    [{ base: { checkpoint: 'a.safetensors' }, policy: 'frozen' }],
    [{ 'constitution.superiority': 'champion', 'constitution.name': 'strict' }],
    [{ regime: [{ fromCycle: 1, regime: 'conservative' }] }],
  ])('leaves an arm as it was: %j', (changes) => {
    const shared = { targets: ['sort'], regime: { ...conservative } };
    const raw = { ...written({ run: shared }), arms: [{ arm: 'plain' }, { arm: 'treated', changes }] };
    const parsed = parseRegistration(raw);
    for (const arm of ['plain', 'treated'])
      expect(settingsOf(parsed, arm)).toEqual(settingsOf(registrationShape.parse(raw), arm));
  });

  it('lets an arm change a field of a regime that is only named', () =>
    expect(parseRegistration(armWith({ 'regime.klBeta': 0.5 })).arms[1]?.changes).toEqual({ 'regime.klBeta': 0.5 }));

  it('comes from the experiment that it is paired with', () => {
    const partner = parseRegistration(written({ experiment: 'other', run: { targets: ['sort'] } }));
    const paired = written({ pairedWith: 'other', arms: [{ arm: 'plain', sameAs: 'plain' }, { arm: 'treated' }] });
    expect(parseRegistration(paired, [partner])).toMatchObject({ run: partner.run, arms: [{ changes: {} }, {}] });
    expect(parseRegistration(paired)).toMatchObject({ run: {} });
  });
});

it('takes as many seeds as a test can just do with', () => {
  const hypotheses = [{ ...hypothesis, test: 'wilcoxon' }];
  expect(parseRegistration(written({ seeds: 5, alpha: 0.0625, hypotheses })).seeds).toBe(5);
  const oneSided = [{ ...hypothesis, test: 'wilcoxon', expects: 'non-inferior' }];
  expect(parseRegistration(written({ seeds: 5, alpha: 0.03125, hypotheses: oneSided })).seeds).toBe(5);
});

it.each([
  ['an unknown metric', withHypothesis({ metric: 'beauty' }), /^hypotheses\.0\.metric: "beauty": .*"capability"/],
  [
    'an unknown arm',
    withHypothesis({ arm: 'other' }),
    /^hypotheses\.0\.arm: "other": there is no such arm; .* treated/,
  ],
  [
    'a cycle of a champion',
    withHypothesis({ cycle: 1 }),
    /^hypotheses\.0\.cycle: 1: a cycle is named of candidates only/,
  ],
  [
    'a cycle beyond the last',
    withHypothesis({ reads: 'candidate', againstCycle: 3 }),
    /^hypotheses\.0\.againstCycle: 3: there are 2 cycles/,
  ],
  [
    'a cycle of an anchor',
    withHypothesis({ reads: 'candidate', against: 'anchor', againstCycle: 1 }),
    /an anchor has no cycles/,
  ],
  [
    'a family that an arm does not learn',
    written({
      run: { targets: ['sort'] },
      hypotheses: [hypothesis, { ...hypothesis, hypothesis: 'dyck', metric: 'accuracy.dyck' }],
    }),
    /^hypotheses\.1\.metric: "accuracy\.dyck": the targets of arm plain are sort/,
  ],
  [
    'a shared arm of nobody',
    written({ arms: [{ arm: 'plain', sameAs: 'x' }, { arm: 'treated' }] }),
    /^arms\.0\.sameAs: "x": .*name it as pairedWith/,
  ],
  [
    'a shared arm with changes',
    written({ pairedWith: 'x', arms: [{ arm: 'plain', sameAs: 'x', changes: { seed: 1 } }, { arm: 'treated' }] }),
    /^arms\.0\.changes\.seed: 1: the experiment says this itself/,
  ],
  [
    'an arm of another experiment twice',
    written({ pairedWith: 'x', arms: ['plain', 'treated'].map((arm) => ({ arm, sameAs: 'a' })) }),
    /^arms\.1\.sameAs: "a": arm plain has these runs already/,
  ],
  ['an arm against itself', withHypothesis({ against: 'treated' }), /not held against itself/],
  ['too few seeds', written({ seeds: 1, looks: [1] }), /^seeds: 1: /],
  [
    'too few seeds for the test',
    written({ seeds: 5, hypotheses: [{ ...hypothesis, test: 'wilcoxon' }] }),
    /^hypotheses\.0\.test: "wilcoxon": 5 seeds are too few: its p is never below 0.0625; .* at least 6 are needed/,
  ],
  [
    'too few seeds for one side of it',
    written({ seeds: 4, hypotheses: [{ ...hypothesis, test: 'wilcoxon', expects: 'equivalent' }] }),
    /4 seeds are too few: its p is never below 0.0625; .* at least 5 are needed/,
  ],
  [
    'looks that do not end with all seeds',
    written({ looks: [4] }),
    /^looks: \[4\]: must rise and end with all 8 seeds/,
  ],
  ['looks that fall', written({ looks: [6, 4, 8] }), /^looks: .*must rise/],
  [
    'an arm twice',
    written({ arms: [{ arm: 'plain' }, { arm: 'plain' }, { arm: 'treated' }] }),
    /"plain" is used twice/,
  ],
  [
    'a prediction of nothing',
    written({ predictions: [{ by: 'ada', hypothesis: 'x', outcome: 'superior', probability: 1 }] }),
    /no such hypothesis/,
  ],
  ['a primary metric that nothing is about', written({ primaryMetric: 'general-bits-per-byte' }), /^primaryMetric: /],
  [
    'a field that the experiment says itself',
    written({ run: { seed: 7 } }),
    /^run\.seed: 7: the experiment says this itself/,
  ],
  [
    'more runs than a look can name',
    written({
      seeds: 64,
      arms: 'abcdefghijkl'.split('').map((arm) => ({ arm })),
      hypotheses: [{ ...hypothesis, arm: 'a', against: 'b' }],
    }),
    /768 runs; at most 400/,
  ],
  [
    'a misspelt field of an arm',
    armWith({ regimen: 'aggressive' }),
    /^arm treated: regimen: no such field, did you mean regime\?/,
  ],
  ['a path that is none', armWith({ 'base..steps': 3 }), /^arm treated: changes: "base\.\.steps" names no field/],
  [
    'an arm outside the scope',
    armWith({ 'constitution.scope.allocationPolicies': ['uniform'], policy: 'uncertainty' }),
    /^arm treated: regime "conservative" from cycle 1: allocation\.policy is uncertainty; constitution "default" allows uniform/,
  ],
  [
    'an arm whose regime has another sequence',
    armWith({ sequence: 64 }),
    /^arm treated: regime "conservative": sequence is 128; the run's is 64, both must be equal/,
  ],
  [
    'an arm whose gate could accept nothing',
    armWith({ 'evaluation.blocks': 20 }),
    /^arm treated: An update that gains 3 points .* The run has evaluation\.documents 150 and evaluation\.blocks 20\./,
  ],
])('refuses %s, naming field, value and what is allowed', (_what, registration, message) =>
  expect(() => parseRegistration(registration)).toThrow(message),
);
