import { mean, variance } from './statistics.js';
import { upperQuantile, upperTail } from './student.js';

/** What a test says about the centre of paired differences, each a p-value of its one-sided claim. */
export type Tested = Readonly<{
  estimate: number;
  /** Bounds of the two-sided interval; null where so few pairs give none at its level. */
  low: number | null;
  high: number | null;
  /** That the centre is above 0, and that it is below. */
  above: number;
  below: number;
  /** That it lies within plus or minus the smallest effect of interest: two one-sided tests [Schuirmann 1987]. */
  within: number;
  /** That it is not as far below 0 as the smallest effect of interest. */
  kept: number;
}>;

/** Why a test says nothing about these differences. */
export type Untestable = Readonly<{ why: 'tooFewSeeds' | 'zeroVariance' }>;

/** @param alpha the interval's level is 1 - alpha. @param ofInterest smallest effect of interest, in the differences' unit */
export type PairedTest = (differences: readonly number[], alpha: number, ofInterest: number) => Tested | Untestable;

export const FEWEST_PAIRS = 2;

/** Why no test of these differences could mean anything; undefined when one can. */
export const untestable = (differences: readonly number[]): Untestable | undefined => {
  if (differences.length < FEWEST_PAIRS) return { why: 'tooFewSeeds' };
  return variance(differences) === 0 ? { why: 'zeroVariance' } : undefined;
};

/** Paired t test [Student 1908] with its interval, and the equivalence test by the same distribution. */
export const pairedT: PairedTest = (differences, alpha, ofInterest) => {
  const refused = untestable(differences);
  if (refused) return refused;
  const [estimate, freedom] = [mean(differences), differences.length - 1];
  const error = Math.sqrt(variance(differences) / differences.length);
  const half = upperQuantile(alpha / 2, freedom) * error;
  const above = (bound: number): number => upperTail((estimate - bound) / error, freedom);
  const below = (bound: number): number => upperTail((bound - estimate) / error, freedom);
  return {
    estimate,
    low: estimate - half,
    high: estimate + half,
    above: above(0),
    below: below(0),
    within: Math.max(above(0 - ofInterest), below(ofInterest)),
    kept: above(0 - ofInterest),
  };
};
