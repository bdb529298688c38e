import { exp, ln, PI } from './elementary.js';
import { normal } from './normal.js';
import { upperQuantile } from './student.js';

const INTERVALS = 1_024;
/** Standard deviations of the spread's estimate that are integrated over; what is beyond weighs less than 1e-15. */
const REACH = 12;
const MOST_PAIRS = 100_000;

/** ln Gamma(n / 2) for whole n, by the recursion of the gamma function. */
const lnGammaOfHalf = (n: number): number => {
  let sum = n % 2 === 0 ? 0 : ln(PI) / 2;
  for (let k = n % 2 === 0 ? 2 : 1; k < n; k += 2) sum += ln(k / 2);
  return sum;
};

/** Density of the estimated spread over the true one: a chi variable of that many degrees of freedom over its root. */
const spreadDensity = (freedom: number): ((s: number) => number) => {
  const constant = ln(2) + (freedom / 2) * ln(freedom / 2) - lnGammaOfHalf(freedom);
  return (s) =>
    s === 0
      ? freedom === 1
        ? exp(constant)
        : 0
      : exp(Math.max(-700, constant + (freedom - 1) * ln(s) - (freedom * s * s) / 2));
};

/** Mean of a smooth function of the estimated spread, up to `most`, by Simpson's rule. */
const overSpread = (freedom: number, most: number, value: (s: number) => number): number => {
  const width = REACH / Math.sqrt(2 * freedom);
  const [low, high] = [Math.max(0, 1 - width), Math.min(most, 1 + width)];
  if (high <= low) return 0;
  const [density, step] = [spreadDensity(freedom), (high - low) / INTERVALS];
  let sum = 0;
  for (let at = 0; at <= INTERVALS; at += 1) {
    const s = low + at * step;
    const weight = at === 0 || at === INTERVALS ? 1 : at % 2 === 1 ? 4 : 2;
    sum += weight * value(s) * density(s);
  }
  return Math.min(1, Math.max(0, (sum * step) / 3));
};

/** Differences of pairs: normal about `effect` with standard deviation `sd`, all in one unit. */
export type Planned = Readonly<{ pairs: number; sd: number; effect: number; alpha: number }>;

const refuseUnlessPlannable = ({ pairs, sd, effect, alpha }: Planned): void => {
  const whole = Number.isInteger(pairs) && pairs >= 2 && pairs <= MOST_PAIRS;
  if (!whole) throw new RangeError(`pairs: ${pairs}; must be a whole number, 2 to ${MOST_PAIRS}`);
  if (!(sd > 0 && Number.isFinite(sd))) throw new RangeError(`sd: ${sd}; must be above 0`);
  if (!Number.isFinite(effect)) throw new RangeError(`effect: ${effect}; must be finite`);
  if (!(alpha > 0 && alpha < 0.5)) throw new RangeError(`alpha: ${alpha}; must be between 0 and .5`);
};

/**
 * Chance that a one-sided paired t test at alpha shows the mean to be above 0: P(T > t) of the noncentral t, as a mean over the
 * estimated spread. Non-inferior: the effect plus what may be lost. Two-sided: half of alpha. Error below 1e-8.
 */
export const powerOfT = (planned: Planned): number => {
  refuseUnlessPlannable(planned);
  const { pairs, sd, effect, alpha } = planned;
  const [t, shift] = [upperQuantile(alpha, pairs - 1), (effect * Math.sqrt(pairs)) / sd];
  // Beyond, not one in 10^15 is shown.
  return overSpread(pairs - 1, (shift + 8) / t, (s) => normal(shift - t * s));
};

/**
 * Chance that two one-sided tests at alpha show the mean to lie within plus or minus `within`: Owen's integral [1965] over the
 * spreads at which the interval fits in. Error below 1e-8.
 */
export const powerOfEquivalence = (planned: Planned & Readonly<{ within: number }>): number => {
  refuseUnlessPlannable(planned);
  const { pairs, sd, effect, alpha, within } = planned;
  if (!(within > 0)) throw new RangeError(`within: ${within}; must be above 0`);
  const [t, scale] = [upperQuantile(alpha, pairs - 1), Math.sqrt(pairs) / sd];
  const [below, above] = [(0 - within - effect) * scale, (within - effect) * scale];
  return overSpread(pairs - 1, (within * scale) / t, (s) => normal(above - t * s) - normal(below + t * s));
};

/**
 * Fewest pairs whose power is at least the one wanted; null where not even `most` are enough. Doubling, then halving: power
 * grows with the number of pairs.
 */
export const pairsFor = (wanted: number, powerAt: (pairs: number) => number, most = 4_096): number | null => {
  let [low, high] = [1, 2];
  while (powerAt(high) < wanted) {
    if (high >= most) return null;
    [low, high] = [high, Math.min(most, high * 2)];
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (powerAt(middle) < wanted) low = middle;
    else high = middle;
  }
  return high;
};
