import { eProcess, type EProcess } from './e-process.js';
import type { Paired } from './evidence.js';
import type { PairedRule } from './rules.js';
import { change, claim, comparison, count, counterclaim, size, unit } from './wording.js';
import type { PairedStatistic, Reason } from './verdict.js';

/** Normal quantile at 97.5%: intervals are descriptive, no rule reads them. */
const z975 = 1.959963984540054;
const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value + 0 : null);

/** Mean, 95% interval and worst unit over all units; null where a figure is not finite or needs more units. */
export const describeUnits = (
  differences: readonly number[],
): Pick<PairedStatistic, 'estimate' | 'ci95' | 'worstUnit' | 'units'> => {
  const units = differences.length;
  if (units === 0) return { units, estimate: null, ci95: null, worstUnit: null };
  let sum = 0;
  let worst = 0;
  differences.forEach((difference, index) => {
    sum += difference;
    if (difference < (differences[worst] ?? difference)) worst = index;
  });
  const mean = sum / units;
  const squares = differences.reduce((total, difference) => total + (difference - mean) * (difference - mean), 0);
  const half = z975 * Math.sqrt(squares / (units - 1) / units);
  const [low, high] = [finiteOrNull(mean - half), finiteOrNull(mean + half)];
  return {
    units,
    estimate: finiteOrNull(mean),
    ci95: low === null || high === null ? null : [low, high],
    worstUnit: { index: worst, difference: (differences[worst] ?? 0) + 0 },
  };
};

/** The mean difference a rule asks to exceed, in the metric's unit. */
export const thetaOf = (rule: PairedRule, referenceMean: number): number => {
  if (rule.kind === 'PROGRESS') return rule.above;
  if (rule.kind === 'SUPERIORITY') return 0;
  return 'relative' in rule.margin ? 0 - rule.margin.relative * referenceMean : 0 - rule.margin.absolute;
};

const subject = ({ metric, measure, reference }: PairedRule, { referenceMean }: Paired) => ({
  metric,
  measure,
  reference,
  referenceMean: referenceMean + 0,
});

const missing = (rule: PairedRule): Reason => ({
  rule: rule.rule,
  kind: rule.kind,
  outcome: 'fail',
  statistic: 'paired units',
  value: 0,
  bound: 1,
  paired: null,
  alphaSpent: 0,
  sentence: `There is no paired measurement of ${rule.metric} against the ${rule.reference}, and missing evidence fails.`,
});

const progressOutcome = (estimate: number | null, theta: number): Reason['outcome'] => {
  if (estimate === null) return 'fail';
  return estimate > theta ? 'pass' : 'undecided';
};

const progress = (rule: PairedRule, paired: Paired, theta: number): Reason => {
  const described = describeUnits(paired.differences);
  const { estimate } = described;
  const seen = estimate === null ? 'cannot be computed' : `is ${change(rule, estimate, paired.referenceMean)}`;
  return {
    rule: rule.rule,
    kind: rule.kind,
    outcome: progressOutcome(estimate, theta),
    statistic: 'mean paired difference',
    value: estimate,
    bound: theta,
    paired: {
      ...subject(rule, paired),
      theta,
      eValue: null,
      mirroredEValue: null,
      unitsRead: described.units,
      ...described,
    },
    alphaSpent: 0,
    sentence: `The mean change of ${comparison(rule)} ${seen} over ${count(rule, described.units)}; it must be above ${size(rule, theta)}.`,
  };
};

type Finding = (rule: PairedRule & { largestLoss: number }, unitsRead: number) => string;
const findings: Record<EProcess['cause'], Finding> = {
  crossed: (rule, read) => `"${claim(rule)}" is shown after ${count(rule, read)}`,
  'mirror-crossed': (rule, read) => `"${counterclaim(rule)}" is shown after ${count(rule, read)}`,
  'unit-below-bound': (rule, read) =>
    `${unit(rule, read)} lost more than the ${size(rule, rule.largestLoss)} that any one may lose`,
  'not-a-number': (rule, read) => `${unit(rule, read)} has no usable number`,
  'no-units': () => 'no units were measured, and missing evidence fails',
  'no-room': (rule) => `"${claim(rule)}" cannot be judged when one unit may lose only ${size(rule, rule.largestLoss)}`,
  'units-exhausted': (rule, read) =>
    `neither "${claim(rule)}" nor "${counterclaim(rule)}" is shown by ${count(rule, read)}`,
};

/** Judges one paired rule at level `alpha`; `rejectAlpha` is the level of the mirrored process. */
export const judgePaired = (
  rule: PairedRule,
  paired: Paired | undefined,
  alpha: number,
  rejectAlpha: number,
): Reason => {
  if (!paired) return missing(rule);
  const theta = thetaOf(rule, paired.referenceMean);
  if (rule.kind === 'PROGRESS') return progress(rule, paired, theta);
  const { differences } = paired;
  const process = eProcess({ differences, theta, largestLoss: rule.largestLoss, alpha, mirrorAlpha: rejectAlpha });
  const described = describeUnits(differences);
  const found = findings[process.cause](rule, process.unitsRead);
  const mean =
    described.estimate === null ? '' : ` (mean change: ${change(rule, described.estimate, paired.referenceMean)})`;
  return {
    rule: rule.rule,
    kind: rule.kind,
    outcome: process.outcome,
    statistic: 'e-value',
    value: process.eValue,
    bound: 1 / alpha,
    paired: {
      ...subject(rule, paired),
      theta,
      eValue: process.eValue,
      mirroredEValue: process.mirroredEValue,
      unitsRead: process.unitsRead,
      ...described,
    },
    alphaSpent: alpha,
    sentence: `For ${comparison(rule)}, ${found}${mean}.`,
  };
};

/** The outcome alone, as `judgePaired` comes to it: simulations ask for it some ten thousand times. */
export const pairedOutcome = (
  rule: PairedRule,
  { differences, referenceMean }: Pick<Paired, 'differences' | 'referenceMean'>,
  alpha: number,
  mirrorAlpha: number,
): Reason['outcome'] => {
  const theta = thetaOf(rule, referenceMean);
  if (rule.kind === 'PROGRESS') return progressOutcome(describeUnits(differences).estimate, theta);
  return eProcess({ differences, theta, largestLoss: rule.largestLoss, alpha, mirrorAlpha }).outcome;
};
