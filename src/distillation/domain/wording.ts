import { percent, signed } from '#experiment/domain/amount.js';
import type { Treatment } from './config.js';
import type { Comparison } from './events.js';
import type { ALL_FAMILIES, GENERAL } from './transfer.js';

/** Of these only the types are taken, so that a page that words them loads nothing of what computes them. */
const COMPUTED: Readonly<Record<typeof ALL_FAMILIES | typeof GENERAL, string>> = {
  'all-families': 'all families',
  'general-bits-per-byte': 'bits per byte of general text',
};
const MEASURES: Readonly<Record<string, string>> = COMPUTED;

/** Why a comparison is inconclusive. */
export const WHY: Readonly<Record<NonNullable<Comparison['why']>, string>> = {
  undecided: 'neither a difference nor that it is smaller than what is of interest is shown',
  zeroVariance: 'all differences are the same, so nothing says how sure that is',
  notFinite: 'a figure of one of the two is not finite',
};

/** Nothing is neither gained nor lost. */
const change = (value: number): string => (Number(value.toFixed(2)) === 0 ? '0.00' : signed(value, 2));

/** The interval is always that of the paired t test, so it may say otherwise than the exact one, which decides. */
const BY: Readonly<Record<Comparison['test'], string>> = {
  mcnemar: ' by the exact test of items gained and lost',
  'paired-t': '',
};

/** "superior in selective-copy by +9.00 points (99.6%: +2.10 to +15.90)", and by which test, where the interval is not of it. */
export const comparedText = ({ measure, outcome, unit, estimate, interval, test }: Comparison): string => {
  const said = `${outcome} in ${MEASURES[measure] ?? measure}`;
  if (estimate === null || interval === null) return said;
  const { level, low, high } = interval;
  const bounds = low === null || high === null ? 'no bounds' : `${change(low)} to ${change(high)}`;
  return `${said} by ${change(estimate)} ${unit} (${percent(level)}: ${bounds})${BY[test]}`;
};

/** The same with why nothing is shown, where nothing is. */
export const comparisonText = (one: Comparison): string =>
  one.why === null ? comparedText(one) : `${comparedText(one)}: ${WHY[one.why]}`;

/** "logits (weight 1, temperature 2) and hidden states (weight 0.5) of other sequences". */
export const treatmentText = ({ logits, hidden, shuffled, taskWeight }: Treatment): string => {
  const by = [
    logits && `logits (weight ${logits.weight}, temperature ${logits.temperature})`,
    hidden !== null && `hidden states (weight ${hidden})`,
  ].filter((each) => typeof each === 'string');
  if (by.length === 0) return 'nobody';
  const own = taskWeight === 1 ? '' : `, with weight ${taskWeight} on the text itself`;
  return `${by.join(' and ')}${shuffled ? ' of other sequences' : ''}${own}`;
};
