import { headline } from './headline.js';
import type { Reason } from './verdict.js';

const reason = (found: Partial<Reason>): Reason => ({
  rule: 'r',
  kind: 'HARD',
  outcome: 'pass',
  statistic: 'check',
  value: null,
  bound: null,
  paired: null,
  alphaSpent: 0,
  sentence: 'Every weight is a finite number.',
  ...found,
});

const paired = (metric: string, measure: 'accuracy' | 'bits-per-byte' | 'brier', estimate: number | null) => ({
  metric,
  measure,
  reference: 'champion' as const,
  referenceMean: 1,
  theta: 0,
  eValue: 1,
  mirroredEValue: 1,
  unitsRead: 1,
  units: 1,
  estimate,
  ci95: null,
  worstUnit: null,
});

const compared = (found: Partial<Reason>, estimate = 0.0134): Reason =>
  reason({ kind: 'NON-INFERIORITY', paired: paired('capability', 'accuracy', estimate), ...found });

it('an acceptance says what became of the candidate, and what it can do more or less', () => {
  expect(headline({ verdict: 'ACCEPT', reasons: [reason({}), compared({})] })).toBe(
    'Accepted: all 2 rules pass, so the candidate became the live model; it gets 1.3 points more of its tasks right.',
  );
  expect(headline({ verdict: 'ACCEPT', reasons: [compared({}, -0.002)] })).toContain(
    'it gets 0.2 points less of its tasks right, which the rules allow.',
  );
  expect(headline({ verdict: 'ACCEPT', reasons: [compared({}, 0.0098)] })).toContain('it gets 1 point more of');
  expect(headline({ verdict: 'ACCEPT', reasons: [reason({})] })).toBe(
    'Accepted: all 1 rules pass, so the candidate became the live model.',
  );
});

it('a rejection tells the two most telling reasons, and counts the others', () => {
  const drift = reason({ kind: 'BUDGET', outcome: 'fail', statistic: 'klNatsPerByte' });
  const text = compared({ outcome: 'fail', paired: paired('general-bits-per-byte', 'bits-per-byte', -0.2) });
  const calibration = compared({ outcome: 'fail', paired: paired('calibration-brier', 'brier', -0.2) });
  expect(headline({ verdict: 'REJECT', reasons: [reason({}), drift] })).toBe(
    "Rejected: 1 of 2 rules fails, so the live model stays: its answers moved too far from the live model's.",
  );
  expect(headline({ verdict: 'REJECT', reasons: [drift, calibration, text] })).toBe(
    "Rejected: 3 of 3 rules fail, so the live model stays: it got worse at general text and at knowing how sure it may be than the rules allow, and its answers moved too far from the live model's.",
  );
  const steps = reason({ kind: 'BUDGET', outcome: 'fail', statistic: 'steps' });
  expect(headline({ verdict: 'REJECT', reasons: [drift, steps, text] })).toMatch(
    /than the rules allow, .*, and 1 more\.$/,
  );
  const shape = reason({ outcome: 'fail', sentence: "The model's shape has changed." });
  expect(headline({ verdict: 'REJECT', reasons: [shape] })).toContain("stays: the model's shape has changed.");
});

it.each([
  ['NON-INFERIORITY', 'whether it got worse at its tasks than the rules allow'],
  ['SUPERIORITY', 'whether it got better at its tasks'],
] as const)('what is not settled of %s is said as a question', (kind, open) => {
  expect(headline({ verdict: 'INCONCLUSIVE', reasons: [compared({ kind, outcome: 'undecided' })] })).toBe(
    `Not settled: no rule fails, but too little was seen to tell ${open}, so the live model stays.`,
  );
});
