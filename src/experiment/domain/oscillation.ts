import { circle } from './elementary.js';
import { mean, quantile } from './statistics.js';
import { residuals } from './saturation.js';
import type { Panel } from './curve.js';

/** Fewer cycles than this have too few frequencies for a period. */
const CYCLES_FOR_A_PERIOD = 24;
const LONGEST = 255;
const ALPHA = 0.05;
/** What goes up and down fewer times than this has no period yet. */
const TIMES = 3;
/** Beyond, hardly anything but the fastest ups and downs would count. */
const MOST_MEMORY = 0.95;

export type Oscillation = Readonly<{
  /** Standard deviation of the fluctuation that both halves of the items show; null without the items' values. */
  amplitude: number | null;
  /** Null with fewer than 24 cycles. */
  periodCycles: number | null;
  /** Twice the median over seeds of Fisher's p, at most 1. */
  pValue: number | null;
  shown: boolean;
}>;

/** Power at the frequencies 1/n .. (n-1)/2 / n; n odd, so that none is special. */
export const periodogram = (values: readonly number[]): readonly number[] => {
  const n = values.length;
  const { cos, sin } = circle(n);
  return Array.from({ length: (n - 1) / 2 }, (_, j) => {
    let [c, s] = [0, 0];
    for (let k = 0; k < n; k += 1) {
      const turn = ((j + 1) * k) % n;
      c += (values[k] ?? 0) * (cos[turn] ?? 0);
      s += (values[k] ?? 0) * (sin[turn] ?? 0);
    }
    return c * c + s * s;
  });
};

/**
 * Fisher's test for one hidden period in white noise: g is the largest share of the power [Fisher 1929]. The first term of
 * his series, m (1 - g)^(m-1), is an upper bound of p, and as good as p where p is small.
 */
export const fishersP = (power: readonly number[]): number => {
  let total = 0;
  for (const each of power) total += each;
  if (!(total > 0)) return 1;
  const left = 1 - Math.max(...power) / total;
  let p = power.length;
  for (let k = 1; k < power.length; k += 1) p *= left;
  return Math.min(1, p);
};

/** Means of two halves of a seed's items at every cycle; null where a cycle does not have the items' values. */
const halvesOf = (units: Panel['units'][number]): readonly (readonly number[])[] | null => {
  if (units.length < 4 || units.some((values) => values === null || values.length < 4)) return null;
  return [0, 1].map((half) => units.map((values) => mean((values ?? []).filter((_, unit) => unit % 2 === half))));
};

/** Covariance over the cycles of what two halves of the items say, mean over the seeds: noise of single items falls out. */
const sharedVariance = (panel: Panel): number | null => {
  const halves = panel.units.map(halvesOf);
  if (halves.includes(null)) return null;
  const left = residuals(
    panel,
    halves.flatMap((pair) => pair ?? []),
  );
  const shared = panel.rows.map((_, seed) => {
    const [a = [], b = []] = left.slice(2 * seed, 2 * seed + 2);
    return a.reduce((sum, value, at) => sum + value * (b[at] ?? 0), 0) / (a.length - 1);
  });
  return mean(shared);
};

/** The last cycles, an odd number of them, so that even an alternation from cycle to cycle has a frequency of its own. */
const recent = (panel: Panel): Panel => {
  const odd = panel.cycles.length % 2 === 1 ? panel.cycles.length : panel.cycles.length - 1;
  const from = panel.cycles.length - Math.min(LONGEST, odd);
  return {
    ...panel,
    cycles: panel.cycles.slice(from),
    rows: panel.rows.map((row) => row.slice(from)),
    units: panel.units.map((row) => row.slice(from)),
  };
};

const highest = (values: readonly number[]): number => values.indexOf(Math.max(...values));

/** Place of the first frequency that is there often enough. */
const FIRST = TIMES - 1;

/** Each frequency's power as all seeds show it. */
const summed = (powers: readonly (readonly number[])[]): readonly number[] =>
  (powers[0] ?? []).map((_, j) => powers.reduce((sum, power) => sum + (power[j] ?? 0), 0));

/**
 * How much of a deviation is still there in the next cycle: the mean cosine of the frequencies by their power, without the
 * strongest that might be a period and its neighbours, and without what removing a curve from few cycles takes off it
 * [Kendall 1954]. 0 where neighbours alternate.
 */
const memoryOf = (power: readonly number[]): number => {
  const n = 2 * power.length + 1;
  const { cos } = circle(n);
  const period = FIRST + highest(power.slice(FIRST));
  let [products, squares] = [0, 0];
  power.forEach((each, j) => {
    if (Math.abs(j - period) <= 1) return;
    products += each * (cos[j + 1] ?? 0);
    squares += each;
  });
  return squares > 0 ? Math.min(MOST_MEMORY, Math.max(0, ((n * products) / squares + 2) / (n - 4))) : 0;
};

/** Powers without what noise with a memory has too much of at low frequencies, or a slow drift would pass for a period. */
const whitened = (powers: readonly (readonly number[])[]): readonly (readonly number[])[] => {
  const memory = memoryOf(summed(powers));
  const { cos } = circle(2 * (powers[0]?.length ?? 0) + 1);
  return powers.map((power) => power.map((each, j) => each * (1 + memory * memory - 2 * memory * (cos[j + 1] ?? 0))));
};

type Period = Pick<Oscillation, 'periodCycles' | 'pValue' | 'shown'>;

/** A period that most seeds show, and show at least three times over. */
const periodOf = (panel: Panel): Period => {
  const powers = whitened(residuals(panel, panel.rows).map(periodogram));
  const pValue = Math.min(1, 2 * quantile(powers.map(fishersP), 0.5));
  const periodCycles = panel.cycles.length / (highest(summed(powers)) + 1);
  return { periodCycles, pValue, shown: pValue < ALPHA && periodCycles <= panel.cycles.length / TIMES };
};

const hasPeriod = ({ cycles, rows }: Panel): boolean => rows.length > 0 && cycles.length >= CYCLES_FOR_A_PERIOD;

/** Whether the curve goes up and down with a period. */
export const oscillates = (panel: Panel): boolean => hasPeriod(panel) && periodOf(recent(panel)).shown;

/** Fluctuation about each seed's own saturation curve; null with fewer than four cycles. */
export const oscillationOf = (whole: Panel): Oscillation | null => {
  if (whole.cycles.length < 4 || whole.rows.length === 0) return null;
  const panel = recent(whole);
  const shared = sharedVariance(panel);
  const amplitude = shared === null ? null : Math.sqrt(Math.max(0, shared));
  const period = hasPeriod(whole) ? periodOf(panel) : { periodCycles: null, pValue: null, shown: false };
  return { amplitude, ...period };
};
