import type { Interval } from './statistics.js';
import { upperQuantile, upperTail } from './student.js';

export type Clustered = Interval & Readonly<{ clusters: number; error: number | null; p: number | null }>;

/**
 * Mean of differences that come in clusters, each cluster independent and what is inside it not: sandwich variance with the
 * correction G / (G - 1) [Liang & Zeger 1986; CR1 of a mean], Student's t of G - 1 degrees of freedom. Few clusters of unequal
 * size make it too sure: below ten, mean each cluster first and take the paired t test.
 * @param clusters the differences, cluster by cluster; empty ones say nothing. @param alpha the interval's level is 1 - alpha
 */
export const clusteredMean = (clusters: readonly (readonly number[])[], alpha: number): Clustered => {
  const filled = clusters.filter((values) => values.length > 0);
  const count = filled.length;
  let [sum, size] = [0, 0];
  for (const values of filled) for (const value of values) [sum, size] = [sum + value, size + 1];
  const estimate = sum / size;
  if (count < 2) return { estimate, low: null, high: null, clusters: count, error: null, p: null };
  let squares = 0;
  for (const values of filled) {
    let score = 0;
    for (const value of values) score += value - estimate;
    squares += score * score;
  }
  const error = Math.sqrt((count / (count - 1)) * squares) / size;
  const half = upperQuantile(alpha / 2, count - 1) * error;
  const t = error > 0 ? Math.abs(estimate) / error : 0;
  const p = error > 0 ? 2 * upperTail(t, count - 1) : null;
  return { estimate, low: estimate - half, high: estimate + half, clusters: count, error, p };
};
