import { exp, ln } from './elementary.js';

/** Smallest natural logarithm that {@link exp} covers: what is below counts as 0. */
const LEAST = -700;

/** P(X <= x) for X binomial(n, p), 0 < p < 1, x at least 0: the terms from 0 up, each from the one before. */
export const cumulative = (x: number, n: number, p: number): number => {
  const odds = ln(p) - ln(1 - p);
  let term = n * ln(1 - p);
  let sum = term > LEAST ? exp(term) : 0;
  for (let at = 1; at <= x; at += 1) {
    term += ln((n - at + 1) / at) + odds;
    if (term > LEAST) sum += exp(term);
  }
  return sum;
};

/** Where a falling function of p in (0, 1) meets a level, by 60 halvings. */
const crossing = (falls: (p: number) => number, level: number): number => {
  let [low, high] = [0, 1];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (falls(middle) > level) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
};

/** Exact two-sided interval of a share [Clopper & Pearson 1934]. @param confidence between 0 and 1 */
export const clopperPearson = (
  hits: number,
  trials: number,
  confidence = 0.95,
): Readonly<{ low: number; high: number }> => {
  const tail = (1 - confidence) / 2;
  return {
    low: hits === 0 ? 0 : crossing((p) => cumulative(hits - 1, trials, p), 1 - tail),
    high: hits === trials ? 1 : crossing((p) => cumulative(hits, trials, p), tail),
  };
};
