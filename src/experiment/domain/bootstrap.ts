import type { Rng } from '#corpus/domain/random.js';
import { normal, normalQuantile } from './normal.js';
import { mean, quantile, type Interval } from './statistics.js';
import { upperQuantile } from './student.js';

/** Fewer can neither be resampled, since their resamplings are a handful, nor halved. */
export const FEWEST_TO_RESAMPLE = 4;
const DRAWS = 10_000;

/**
 * Share of the resamplings that lies outside of either bound. Few units vary less in their resamplings than in truth, by
 * (n - 1) / n and by what Student's distribution has over the normal one: the share is smaller by that [Hesterberg 2015].
 */
export const outerShare = (units: number, alpha: number): number =>
  normal(0 - Math.sqrt(units / (units - 1)) * upperQuantile(alpha / 2, units - 1));

/** How skewed the statistic is, by leaving out one after the other. */
const acceleration = <T>(units: readonly T[], statistic: (sample: readonly T[]) => number): number => {
  const without = units.map((_, at) => statistic([...units.slice(0, at), ...units.slice(at + 1)]));
  const centre = mean(without);
  let [squares, cubes] = [0, 0];
  for (const value of without) {
    const distance = centre - value;
    [squares, cubes] = [squares + distance * distance, cubes + distance * distance * distance];
  }
  return squares > 0 ? cubes / (6 * squares * Math.sqrt(squares)) : 0;
};

/**
 * Interval of any statistic of independent units (seeds), by resampling them: bias-corrected and accelerated [Efron 1987]
 * and expanded for few of them, from four units on. For a mean take Student's interval.
 * @param stream the draws; the same stream, the same interval. @param alpha the interval's level is 1 - alpha
 */
export const bootstrap = <T>(
  units: readonly T[],
  statistic: (sample: readonly T[]) => number,
  { stream, alpha }: Readonly<{ stream: Rng; alpha: number }>,
): Interval => {
  const estimate = statistic(units);
  if (units.length < FEWEST_TO_RESAMPLE) return { estimate, low: null, high: null };
  const found = Array.from({ length: DRAWS }, (_, draw) => {
    const rng = stream.branch(draw);
    return statistic(units.map(() => units[rng.below(units.length)] as T));
  });
  let below = 0;
  for (const value of found) below += value < estimate ? 1 : value === estimate ? 0.5 : 0;
  const [bias, skew] = [normalQuantile(below / DRAWS), acceleration(units, statistic)];
  const bound = (share: number): number => {
    const z = bias + normalQuantile(share);
    return quantile(found, normal(bias + z / (1 - skew * z)));
  };
  const share = outerShare(units.length, alpha);
  return { estimate, low: bound(share), high: bound(1 - share) };
};
