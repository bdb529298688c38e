import { registrationSchema } from './checked-registration.js';
import type { Registration } from './registration.js';
import { armWords, claimWords, powerWords } from './registration-wording.js';
import { visibleEffect } from './visible-effect.js';

const hypothesis = {
  hypothesis: 'h',
  claim: 'It does.',
  metric: 'capability',
  arm: 'b',
  against: 'a',
  expects: 'superior',
};
const registered = (
  changes: { metric?: string; against?: string; expects?: string; test?: string } & object = {},
  fields: object = {},
): Registration =>
  registrationSchema.parse({
    experiment: 'x',
    question: 'Does it?',
    arms: [{ arm: 'a' }, { arm: 'b' }],
    seeds: 8,
    cycles: 24,
    primaryMetric: changes.metric ?? 'capability',
    hypotheses: [{ ...hypothesis, ...changes }],
    ...fields,
  });

const claimed = (changes: object): string => {
  const registration = registered(changes);
  return claimWords(registration, registration.hypotheses[0] as Registration['hypotheses'][number]);
};

it.each([
  [{}, 'b (champion) is better than a in capability, of interest from 1 point on'],
  [
    { against: 'anchor', metric: 'general-bits-per-byte', expects: 'non-inferior', sesoi: 5 },
    'b (champion) is not worse than its anchor in general-bits-per-byte, of interest from 5% of the anchor on',
  ],
  [
    { reads: 'candidate', against: 'b', cycle: 5, againstCycle: 24, metric: 'accuracy.sort', sesoi: 2 },
    'b (candidate of cycle 5) is better than b (candidate of cycle 24) in accuracy.sort, of interest from 2 points on',
  ],
])('says a claim: %j', (changes, words) => expect(claimed(changes)).toBe(words));

it('says an arm by what it changes, and whole documents by their name', () => {
  const changes = { constitution: { name: 'open', rules: [] }, 'regime.klBeta': 0.5, policy: 'frozen' };
  const { arms } = registered({}, { arms: [{ arm: 'a' }, { arm: 'b', changes }] });
  expect(arms.map((arm) => armWords(registered(), arm))).toEqual([
    'as it is',
    'constitution: open, regime.klBeta: 0.5, policy: frozen',
  ]);
});

it('says how a student is taught by what is done to it alone', () => {
  const training = { steps: 4, batch: 2, learningRate: 0.003 };
  const distillation = {
    teacher: { model: { layers: 2, attention: [1] }, training },
    student: { training },
    traces: { sequences: 8 },
    layers: { teacher: 1, student: 1 },
  };
  const defaults = { taskWeight: 1, logits: null, hidden: null, shuffled: false };
  const arms = [
    { arm: 'none', changes: defaults },
    { arm: 'b', changes: { ...defaults, hidden: 0.5 } },
  ];
  const lesson = registered({ metric: 'transfer-exact', against: 'none' }, { distillation, arms, cycles: 1 });
  expect(lesson.arms.map((arm) => armWords(lesson, arm))).toEqual(['taught by nobody', 'hidden: 0.5']);
});

it('says what its seeds can show: the figures of docs/statistics.md', () => {
  expect(visibleEffect(registered(), 'superior')).toBeCloseTo(1.16, 2);
  const family = (...more: readonly object[]): Registration =>
    registered({}, { hypotheses: more.map((one, at) => ({ ...hypothesis, hypothesis: `h${at}`, ...one })) });
  const seven = family({}, {}, {}, {}, {}, {}, {});
  expect(visibleEffect(seven, 'inferior')).toBeCloseTo(1.7, 2);
  expect(visibleEffect(seven, 'equivalent')).toBeCloseTo(1.69, 2);
  expect(powerWords(registered())).toBe(
    'With 8 seeds a paired t test shows in 80 of 100 experiments, alone: for superiority, two-sided, a mean of 1.16 standard deviations of the differences',
  );
  expect(powerWords(registered({ expects: 'equivalent' }))).toMatch(/alone: for equivalence, .* within 1\.15 standard/);
  const mixed = powerWords(family({ expects: 'inferior' }, { expects: 'equivalent' }, { expects: 'non-inferior' }));
  expect(mixed).toMatch(/in a family of 3: for superiority, .*; for equivalence, .*; for non-inferiority, /);
});

it('says nothing of what is tested otherwise, and nothing where no difference would be enough', () => {
  expect(powerWords(registered({ test: 'wilcoxon' }))).toBeUndefined();
  expect(visibleEffect(registered({}, { seeds: 2, alpha: 1e-6 }), 'superior')).toBeUndefined();
  expect(powerWords(registered({}, { seeds: 2, alpha: 1e-6 }))).toBeUndefined();
});
