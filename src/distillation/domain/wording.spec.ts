import { treatmentSchema } from './config.js';
import type { Comparison } from './events.js';
import { ALL_FAMILIES, GENERAL } from './transfer.js';
import { comparisonText, treatmentText } from './wording.js';

const one: Comparison = {
  measure: 'dyck',
  unit: 'points',
  test: 'mcnemar',
  outcome: 'superior',
  why: null,
  sesoi: 5,
  n: 30,
  estimate: 9,
  interval: { level: 0.99583, low: -0.004, high: 15.9 },
  p: null,
};

it.each<[Partial<Comparison>, string]>([
  [{}, 'superior in dyck by +9.00 points (99.58%: 0.00 to +15.90) by the exact test of items gained and lost'],
  [
    { measure: GENERAL, unit: 'percent', test: 'paired-t', outcome: 'inferior', estimate: -2.5 },
    'inferior in bits per byte of general text by -2.50 percent (99.58%: 0.00 to +15.90)',
  ],
  [
    {
      measure: ALL_FAMILIES,
      test: 'paired-t',
      outcome: 'inconclusive',
      why: 'zeroVariance',
      interval: { level: 0.95, low: null, high: 1 },
    },
    'inconclusive in all families by +9.00 points (95%: no bounds): all differences are the same, so nothing says how sure that is',
  ],
  [
    { outcome: 'inconclusive', why: 'notFinite', estimate: null, interval: null },
    'inconclusive in dyck: a figure of one of the two is not finite',
  ],
])('%j', (changes, text) => expect(comparisonText({ ...one, ...changes })).toBe(text));

it.each([
  [{}, 'nobody'],
  [{ hidden: 0.5, shuffled: true }, 'hidden states (weight 0.5) of other sequences'],
  [
    { logits: { weight: 1, temperature: 2 }, hidden: 2, taskWeight: 0 },
    'logits (weight 1, temperature 2) and hidden states (weight 2), with weight 0 on the text itself',
  ],
])('%j is taught by %s', (input, text) => expect(treatmentText(treatmentSchema.parse(input))).toBe(text));
