import { ln } from './elementary.js';
import { changes, meanCurve, ofInterest, type Panel } from './curve.js';
import { mean, overSeeds, slope, variance, type Interval } from './statistics.js';

/** Gain per cycle that counts as compounding: this share of the whole gain. */
const COMPOUNDING_SHARE = 0.02;
const ALPHA = 0.05;

export type Tail = Readonly<{
  fromCycle: number;
  /** Change per cycle over the tail, with a 95% interval over seeds. */
  slope: Interval;
  /** b0: 2% of the whole gain per cycle. */
  threshold: number;
  compounding: 'COMPOUNDING' | 'BOUNDED' | 'INCONCLUSIVE';
  /** Whether, one-sided at 95%, the slope is above 0. */
  rising: boolean;
  /** Mean level over the tail, at any time at which one looks. */
  band: Readonly<{ centre: number; low: number; high: number }>;
  /** The change over the tail is shown to be smaller than what is of interest, and so is the band. */
  level: boolean;
}>;

/** Half-width of the asymptotic confidence sequence after t values [Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas 2024]. */
export const sequenceHalfWidth = (values: readonly number[]): number => {
  const t = values.length;
  const tight = -2 * ln(ALPHA);
  const rho2 = (tight + ln(tight) + 1) / t;
  const grown = t * rho2 + 1;
  return Math.sqrt(variance(values) * ((2 * grown) / (t * t * rho2)) * ln(Math.sqrt(grown) / ALPHA));
};

const compoundingOf = (slopes: readonly number[], gains: readonly number[]): Tail['compounding'] => {
  const above = overSeeds(
    slopes.map((each, seed) => each - COMPOUNDING_SHARE * (gains[seed] ?? 0)),
    0.95,
  );
  const gain = overSeeds(gains, 0.95);
  if ((above.low ?? -1) > 0 && (gain.low ?? -1) > 0) return 'COMPOUNDING';
  return (above.high ?? 1) < 0 ? 'BOUNDED' : 'INCONCLUSIVE';
};

/** The last ceil(K / 2) of K cycles after the start; null where that is fewer than three. */
export const tailOf = (panel: Panel): Tail | null => {
  const length = Math.ceil((panel.cycles.length - 1) / 2);
  if (length < 3 || panel.rows.length === 0) return null;
  const from = panel.cycles.length - length;
  const cycles = panel.cycles.slice(from);
  const slopes = panel.rows.map((row) => slope(cycles, row.slice(from)));
  const gains = changes(panel, 0, panel.cycles.length - 1);
  const levels = meanCurve(panel).slice(from);
  const [centre, half] = [mean(levels), sequenceHalfWidth(levels)];
  const span = (cycles.at(-1) ?? 0) - (cycles[0] ?? 0);
  const change = overSeeds(
    slopes.map((each) => each * span),
    0.95,
  );
  const size = ofInterest(panel);
  return {
    fromCycle: cycles[0] ?? 0,
    slope: overSeeds(slopes),
    threshold: COMPOUNDING_SHARE * mean(gains),
    compounding: compoundingOf(slopes, gains),
    rising: (overSeeds(slopes, 0.95).low ?? -1) > 0,
    band: { centre, low: centre - half, high: centre + half },
    level: (change.low ?? -Infinity) > 0 - size && (change.high ?? Infinity) < size && half <= size,
  };
};
