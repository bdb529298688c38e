import { exp } from './elementary.js';

const ROOT_2PI = 2.5066282746310002;

/** Standard normal distribution function by Marsaglia's series; |z| at most 8. */
const normal = (z: number): number => {
  let [sum, term] = [z, z];
  for (let n = 3; n <= 201; n += 2) {
    term = (term * z * z) / n;
    sum += term;
  }
  return 0.5 + (sum * exp((-z * z) / 2)) / ROOT_2PI;
};

/** Quantile of the standard normal distribution, by 60 halvings; p between 1e-12 and 1 - 1e-12. */
export const normalQuantile = (p: number): number => {
  let [low, high] = [-8, 8];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (normal(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
};

/**
 * Units of a one-sided paired z test that reads all of them: ((z_(1 - alpha) + z_power) sd / distance)^2, rounded up.
 * @param distance true mean difference minus the one to be exceeded, in the unit of `sd`
 */
export const fixedSampleSize = ({
  alpha,
  power,
  sd,
  distance,
}: Readonly<{ alpha: number; power: number; sd: number; distance: number }>): number => {
  const root = ((normalQuantile(1 - alpha) + normalQuantile(power)) * sd) / distance;
  return Math.ceil(root * root);
};
