import type { Reason, Verdict } from '#constitution/domain/verdict.js';
import { ruleSaid } from '#constitution/domain/wording.js';
import { grouped, signed } from './format.js';
import type { TableRows } from './table.js';

/** A figure short enough for a column: 0.00417, 3.2e-7, 307,200. */
export const figure = (value: number | null): string => {
  if (value === null) return '–';
  if (Number.isSafeInteger(value)) return grouped(value);
  const plain = Math.abs(value) >= 0.001 && Math.abs(value) < 100_000;
  return plain ? String(Number(value.toPrecision(4))) : value.toExponential(1);
};

type Paired = NonNullable<Reason['paired']>;

const UNITS = { accuracy: 'points', 'bits-per-byte': 'bits/B', brier: 'Brier' } as const;

const difference = ({ measure }: Paired, value: number | null): string =>
  value === null ? '–' : measure === 'accuracy' ? signed(value * 100, 2) : signed(value, 4);

/** The rules that compare the candidate with an earlier model on the same items. */
export const comparisonsTable = (reasons: readonly Reason[]): TableRows => ({
  head: ['rule', 'outcome', 'difference', '', 'above', 'e-value', 'read'],
  rows: reasons.flatMap(({ rule, outcome, paired }) =>
    paired
      ? [
          [
            rule,
            outcome,
            difference(paired, paired.estimate),
            UNITS[paired.measure],
            difference(paired, paired.theta),
            figure(paired.eValue),
            `${paired.unitsRead}/${paired.units}`,
          ],
        ]
      : [],
  ),
  flexible: 0,
  right: [2, 4, 5, 6],
});

const READ: Readonly<Record<string, string>> = {
  check: 'yes or no',
  honeypots: 'yes or no',
  klNatsPerByte: 'KL, nats/byte',
  weightRatio: 'share of length',
  suiteOverdraw: 'queries beyond',
  tokens: 'bytes read',
  'passed-controls': 'controls',
  'agreeing-evaluators': 'evaluators',
  'sealed-suites': 'suites',
};

const isCeiling = ({ kind, statistic }: Reason): boolean => kind === 'BUDGET' || statistic === 'candidate number';

const heldAgainst = (reason: Reason): string =>
  reason.bound === null ? '–' : `${isCeiling(reason) ? 'at most' : 'at least'} ${figure(reason.bound)}`;

/** The other rules: limits, and what must be there. */
export const checksTable = (reasons: readonly Reason[]): TableRows => ({
  head: ['rule', 'outcome', 'what is read', 'value', 'allowed'],
  rows: reasons
    .filter(({ paired }) => paired === null)
    .map((reason) => [
      ruleSaid(reason.rule),
      reason.outcome,
      READ[reason.statistic] ?? reason.statistic,
      figure(reason.value),
      heldAgainst(reason),
    ]),
  right: [3, 4],
});

/** What the columns of the comparisons mean; enough is the same evidence for each, one over the alpha of a verdict. */
export const comparisonsLegend = (reasons: readonly Reason[]): string => {
  const needed = reasons.find(({ paired }) => paired?.eValue != null)?.bound ?? null;
  const enough =
    needed === null
      ? ''
      : ` and ${figure(needed)} is enough, since so much turns up by chance at most once in ${figure(needed)} times`;
  return `difference: mean over all items, larger is better; above: what must be exceeded; e-value: evidence that it is, where 1 is none${enough}; read: blocks of tasks or documents read until that was clear, of all.`;
};

export const alphaSentence = ({ alphaSpent, alphaLeft }: Verdict): string =>
  `Alpha, the chance agreed on beforehand of ever accepting by mistake: ${figure(alphaSpent)} spent by this verdict, ${figure(alphaLeft)} left on the lineage.`;
