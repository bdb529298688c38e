import type { Rng } from '#corpus/domain/random.js';
import { normal, normalQuantile } from './normal.js';
import { mean, quantile, type Interval } from './statistics.js';

/** Fewer cannot be resampled: their resamples are a handful. */
export const FEWEST_TO_RESAMPLE = 4;
const DRAWS = 2_000;

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
 * Interval of any statistic of independent units (seeds), by resampling them: bias-corrected and accelerated [Efron 1987], from
 * four units on. For a mean take Student's interval: resampling few units knows too few values, and says too much.
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
  return { estimate, low: bound(alpha / 2), high: bound(1 - alpha / 2) };
};
