import { tQuantile, Z_975 } from './elementary.js';

/** An estimate with its bounds; null where there is too little to give them. */
export type Interval = Readonly<{ estimate: number; low: number | null; high: number | null }>;

/** Sum in the order given: the order is part of the figure. */
export const mean = (values: readonly number[]): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
};

/** Sample variance; 0 of fewer than two values. */
export const variance = (values: readonly number[]): number => {
  if (values.length < 2) return 0;
  const centre = mean(values);
  let squares = 0;
  for (const value of values) squares += (value - centre) * (value - centre);
  return squares / (values.length - 1);
};

/** Mean of one value per seed with Student's bounds: at 0.975 a two-sided 95% interval, at 0.95 two one-sided ones. */
export const overSeeds = (values: readonly number[], level: 0.95 | 0.975 = 0.975): Interval => {
  const estimate = mean(values);
  if (values.length < 2) return { estimate, low: null, high: null };
  const half = tQuantile(level, values.length - 1) * Math.sqrt(variance(values) / values.length);
  return { estimate, low: estimate - half, high: estimate + half };
};

/** Mean over independent units (documents, blocks) with the clustered 95% interval. */
export const overUnits = (values: readonly number[]): Interval => {
  const estimate = mean(values);
  if (values.length < 2) return { estimate, low: null, high: null };
  const half = Z_975 * Math.sqrt(variance(values) / values.length);
  return { estimate, low: estimate - half, high: estimate + half };
};

/** Least-squares slope of y over x; 0 where x does not vary. */
export const slope = (x: readonly number[], y: readonly number[]): number => {
  const [mx, my] = [mean(x), mean(y)];
  let [products, squares] = [0, 0];
  x.forEach((at, i) => {
    products += (at - mx) * ((y[i] ?? 0) - my);
    squares += (at - mx) * (at - mx);
  });
  return squares > 0 ? products / squares : 0;
};

/** The value below which the given share of a list lies, by the nearest rank. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = Float64Array.from(values).sort();
  const rank = Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1));
  return sorted[rank] ?? 0;
};

export const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value + 0 : null);
