import type { Reason } from '#constitution/domain/verdict.js';
import { checksTable, comparisonsLegend, comparisonsTable, figure } from './reasons.js';
import { ranges } from './verdict-explain.js';

test('figures are short, and whole numbers whole', () => {
  expect([null, 0, 307200, 4e6, 0.0125, -0.02725, 103.64512, 0.00000032, 123456.7].map(figure)).toEqual([
    '–',
    '0',
    '307,200',
    '4,000,000',
    '0.0125',
    '-0.02725',
    '103.6',
    '3.2e-7',
    '1.2e+5',
  ]);
});

test('revisions that follow each other are one range', () => {
  expect([ranges([9, 10, 11, 13, 20, 21]), ranges([5]), ranges([])]).toEqual(['9 to 11, 13, 20 to 21', '5', '']);
});

const check = { rule: 'r', outcome: 'pass', value: 3, bound: 4, paired: null, alphaSpent: 0, sentence: '' } as const;
const compared: Reason = {
  ...check,
  rule: 'kept',
  kind: 'NON-INFERIORITY',
  statistic: 'e-value',
  bound: 220,
  paired: {
    metric: 'capability',
    measure: 'accuracy',
    reference: 'champion',
    referenceMean: 0.3,
    theta: -0.005,
    eValue: 78.061,
    mirroredEValue: 1,
    unitsRead: 67,
    units: 160,
    estimate: 0.0134,
    ci95: null,
    worstUnit: null,
  },
};
const limits: readonly Reason[] = [
  { ...check, kind: 'BUDGET', statistic: 'klNatsPerByte' },
  { ...check, kind: 'EVIDENCE', statistic: 'agreeing-evaluators' },
  { ...check, kind: 'HARD', statistic: 'check', value: null, bound: null },
];

test('rules that compare say the difference in a unit, what it must exceed and the evidence; enough is told once', () => {
  expect(comparisonsTable([...limits, compared]).rows).toEqual([
    ['kept', 'pass', '+1.34', 'points', '-0.50', '78.06', '67/160'],
  ]);
  expect(comparisonsLegend([...limits, compared])).toContain('220 is enough');
});

test('a rule is named by what passing it means', () => {
  const leak: Reason = { ...check, rule: 'honeypots-fail', kind: 'HARD', statistic: 'honeypots', value: null };
  expect(checksTable([leak]).rows.map((row) => row.slice(0, 2))).toEqual([['no-honeypot-answered', 'pass']]);
});

test('limits say in words whether they are a ceiling or a floor', () => {
  expect(checksTable([...limits, compared]).rows.map((row) => row.slice(2))).toEqual([
    ['KL, nats/byte', '3', 'at most 4'],
    ['evaluators', '3', 'at least 4'],
    ['yes or no', '–', '–'],
  ]);
});
