import { FEWEST_TO_RESAMPLE, outerShare } from './bootstrap.js';
import { exp } from './elementary.js';
import { meanCurve, oriented, type Metric, type Panel } from './curve.js';
import { resampled } from './peak.js';
import { mean, quantile } from './statistics.js';

const FASTEST_TAU = 0.25;
const TAUS = 48;

type Basis = Readonly<{ tau: number; decay: Float64Array; sum: number; squares: number }>;

/** Decays e^{-k / tau} for tau from a quarter of a cycle to four times the length, evenly on a logarithmic scale. */
const basesOf = (cycles: readonly number[]): readonly Basis[] => {
  const first = cycles[0] ?? 0;
  const longest = Math.max(1, ((cycles.at(-1) ?? 0) - first) * 4);
  const step = logStep(longest / FASTEST_TAU);
  let tau = FASTEST_TAU;
  return Array.from({ length: TAUS }, () => {
    const decay = Float64Array.from(cycles, (cycle) => exp(Math.max(-700, (first - cycle) / tau)));
    const basis = { tau, decay, sum: 0, squares: 0 };
    for (const value of decay) [basis.sum, basis.squares] = [basis.sum + value, basis.squares + value * value];
    tau *= step;
    return basis;
  });
};

/** The factor that leads over the whole range in TAUS - 1 steps, by bisection: no logarithm is needed. */
const logStep = (range: number): number => {
  let [low, high] = [1, 2];
  for (let i = 0; i < 60; i += 1) {
    const middle = (low + high) / 2;
    let power = 1;
    for (let k = 1; k < TAUS; k += 1) power *= middle;
    if (power < range) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
};

const rangeOf = (metric: Metric): readonly [number, number] => {
  const ends = [oriented(metric, metric.least), oriented(metric, metric.most)];
  return [Math.min(...ends), Math.max(...ends)];
};

type Solved = Readonly<{ limit: number; amount: number; tau: number; loss: number; decay: Float64Array }>;

/** Sums over one curve that every tau shares, about its first value, so that little is lost to rounding. */
type Sums = Readonly<{ curve: Float64Array; origin: number; total: number; squares: number }>;

const sumsOf = (values: readonly number[]): Sums => {
  const origin = values[0] ?? 0;
  const curve = Float64Array.from(values, (value) => value - origin);
  let [total, squares] = [0, 0];
  for (const value of curve) [total, squares] = [total + value, squares + value * value];
  return { curve, origin, total, squares };
};

/** Least squares for one tau in closed form; a limit outside what the metric can be is held at its bound. */
const solve = (sums: Sums, basis: Basis, [least, most]: readonly [number, number]): Solved => {
  const { curve, origin, total } = sums;
  const { tau, decay, sum, squares } = basis;
  const n = curve.length;
  let products = 0;
  for (let at = 0; at < n; at += 1) products += (curve[at] as number) * (decay[at] as number);
  const determinant = n * squares - sum * sum;
  const free = determinant > 1e-12 ? (total * squares - products * sum) / determinant : total / n;
  const limit = Math.min(most - origin, Math.max(least - origin, free));
  const rest = products - limit * sum;
  const amount = squares > 0 ? rest / squares : 0;
  const loss = sums.squares - 2 * limit * total + n * limit * limit - amount * rest;
  return { limit: limit + origin, amount, tau, loss, decay };
};

const fitWith = (
  values: readonly number[],
  bases: readonly Basis[],
  range: readonly [number, number],
): Solved | null => {
  const sums = sumsOf(values);
  let best: Solved | null = null;
  for (const basis of bases) {
    const solved = solve(sums, basis, range);
    if (best === null || solved.loss < best.loss) best = solved;
  }
  return best;
};

/** Residuals of each given curve after its own saturation fit: what is left is fluctuation. */
export const residuals = (panel: Panel, curves: readonly (readonly number[])[]): readonly (readonly number[])[] => {
  const [bases, range] = [basesOf(panel.cycles), rangeOf(panel.metric)];
  return curves.map((curve) => {
    const fit = fitWith(curve, bases, range);
    const left = curve.map((value, at) => value - (fit ? fit.limit + fit.amount * (fit.decay[at] ?? 0) : 0));
    const centre = mean(left);
    return left.map((value) => value - centre);
  });
};

/** y = limit - (limit - start) e^{-k / tau}. */
export type Saturation = Readonly<{
  /** Larger = better, like the panel: the level approached, and the fitted level at the first cycle. */
  limit: number;
  start: number;
  /** Cycles in which the distance to the limit falls to 1/e. */
  tauCycles: number;
  limitLow: number | null;
  limitHigh: number | null;
  tauLow: number | null;
  tauHigh: number | null;
  /** Less than half of the fitted way to the limit is gone: no levelling off is seen, and the limit means nothing. */
  unbounded: boolean;
}>;

/** Saturation fit of the mean curve; bounds by resampling seeds (95%), from four seeds on. Null with fewer than four cycles. */
export const saturationOf = (panel: Panel): Saturation | null => {
  if (panel.cycles.length < 4 || panel.rows.length === 0) return null;
  const [bases, range] = [basesOf(panel.cycles), rangeOf(panel.metric)];
  const fit = fitWith(meanCurve(panel), bases, range);
  if (!fit) return null;
  const found = {
    limit: fit.limit,
    start: fit.limit + fit.amount,
    tauCycles: fit.tau,
    unbounded: (fit.decay.at(-1) ?? 1) > 0.5,
  };
  if (panel.rows.length < FEWEST_TO_RESAMPLE)
    return { ...found, limitLow: null, limitHigh: null, tauLow: null, tauHigh: null };
  const fits = [...resampled(panel, 'saturation')].flatMap((curve) => fitWith(curve, bases, range) ?? []);
  const [limits, taus] = [fits.map(({ limit }) => limit), fits.map(({ tau }) => tau)];
  const share = outerShare(panel.rows.length, 0.05);
  return {
    ...found,
    limitLow: quantile(limits, share),
    limitHigh: quantile(limits, 1 - share),
    tauLow: quantile(taus, share),
    tauHigh: quantile(taus, 1 - share),
  };
};
