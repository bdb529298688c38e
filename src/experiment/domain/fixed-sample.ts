import { normalQuantile } from './normal.js';

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
