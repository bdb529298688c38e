import type { Reason, Verdict } from '#constitution/domain/verdict.js';
import { grouped } from './format.js';
import type { TableRows } from './table.js';

/** A figure short enough for a column: 0.00417, 3.2e-7, 307,200. */
export const figure = (value: number | null): string => {
  if (value === null) return '–';
  if (Number.isSafeInteger(value)) return grouped(value);
  const plain = Math.abs(value) >= 0.001 && Math.abs(value) < 100_000;
  return plain ? String(Number(value.toPrecision(4))) : value.toExponential(1);
};

const units = ({ paired }: Reason): string => (paired ? `${paired.unitsRead}/${paired.units}` : '–');

/** Rules of a verdict: what each read and where its bound lies. */
export const reasonsTable = (reasons: readonly Reason[]): TableRows => ({
  head: ['rule', 'outcome', 'value', 'bound', 'e-value', 'units', 'alpha'],
  rows: reasons.map((reason) => [
    reason.rule,
    reason.outcome,
    figure(reason.paired ? reason.paired.estimate : reason.value),
    figure(reason.paired ? reason.paired.theta : reason.bound),
    figure(reason.paired?.eValue ?? null),
    units(reason),
    reason.alphaSpent === 0 ? '–' : figure(reason.alphaSpent),
  ]),
  right: [2, 3, 4, 5, 6],
});

export const REASONS_LEGEND =
  'value and bound: what the rule read and what it is held against, of paired rules the mean difference to the reference (larger is better); e-value: the evidence for passing, which must reach one over alpha; units: read of those there are.';

export const alphaSentence = ({ alphaSpent, alphaLeft }: Verdict): string =>
  `Alpha: ${figure(alphaSpent)} spent by this verdict, ${figure(alphaLeft)} left on the lineage.`;
