import { amount, percent, signed } from './amount.js';
import type { DataOf } from './events.js';
import { FEWEST_PAIRS } from './paired.js';

type Concluded = DataOf<'HypothesisConcluded'>;

const NAMES = { 'paired-t': 'paired t test', wilcoxon: 'Wilcoxon signed rank test' } as const;

/** "paired t test over seeds with its 95% interval; equivalence within 1 point by two one-sided tests; Holm over 7 hypotheses at alpha 0.05". */
export const methodSentence = ({ method: { test, alpha, sesoi, family }, unit }: Concluded): string =>
  `${NAMES[test]} over seeds with its ${percent(1 - alpha)} interval; equivalence within ${amount(sesoi, unit)} by two ` +
  `one-sided tests; Holm over ${family} ${family === 1 ? 'hypothesis' : 'hypotheses'} at alpha ${alpha}`;

const counted = (n: number): string => `${n} seed${n === 1 ? '' : 's'}`;

export const intervalSaid = ({ interval }: Concluded): string => {
  if (interval === null) return '–';
  const { low, high } = interval;
  return `${low === null ? '−∞' : signed(low, 2)} to ${high === null ? '+∞' : signed(high, 2)}`;
};

export const estimateSaid = ({ estimate, unit }: Concluded): string =>
  estimate === null ? '–' : amount(signed(estimate, 2), unit);

/** "+0.52 points, 95% interval -0.10 to +1.14, over 8 seeds; p of the claim 0.043, 0.086 corrected over its family". @param size of the models, where it is not said beside it */
export const figuresSaid = (concluded: Concluded, size?: string): string => {
  const { interval, p, n } = concluded;
  const seeds = `over ${counted(n)}${size === undefined ? '' : `, models of ${size}`}`;
  if (interval === null || p === null) return `there is no figure, ${seeds}`;
  return (
    `${estimateSaid(concluded)}, ${percent(interval.level)} interval ${intervalSaid(concluded)}, ${seeds}; ` +
    `p of the claim ${p.claim.toPrecision(2)}, ${p.holm.toPrecision(2)} corrected over its family`
  );
};

const LEFT_OUT = {
  endedEarly: 'ended before its report',
  noReading: 'has no such checkpoint in its report, or its loss was not finite',
} as const;

export const leftOutSentence = ({ seed, run, why }: Concluded['leftOut'][number]): string =>
  `seed ${seed}: run ${run} ${LEFT_OUT[why]}`;

const undecided = ({ expected }: Concluded): string =>
  expected === 'non-inferior'
    ? 'it is not shown that less is lost than is of interest'
    : 'neither a difference nor that it is smaller than what is of interest is shown';

/** Why a hypothesis is inconclusive; undefined where it is not. */
export const whySentence = (concluded: Concluded): string | undefined => {
  const { why, n, values, leftOut } = concluded;
  switch (why) {
    case null:
      return undefined;
    case 'undecided':
      return undecided(concluded);
    case 'tooFewSeeds':
      return `too few seeds: ${n} of at least ${FEWEST_PAIRS} pairs`;
    case 'zeroVariance':
      return `zero variance: all ${n} differences are ${values[0]?.difference}, so nothing says how sure that is`;
    default: {
      const first = leftOut.find((one) => one.why === why);
      return `by its failure rule, since of ${first ? leftOutSentence(first) : 'a seed there is no reading'}`;
    }
  }
};

/** What was claimed and shown not to be so. */
export const negativeSentence = (
  { hypothesis, expected, outcome }: DataOf<'NegativeResultDeclared'>,
  concluded: Concluded | undefined,
): string => {
  const figure = concluded?.estimate == null ? '' : `: ${estimateSaid(concluded)} over ${counted(concluded.n)}`;
  return `${hypothesis} was registered as ${expected} and is shown to be ${outcome}${figure}`;
};
