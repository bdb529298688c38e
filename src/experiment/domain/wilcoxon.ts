import { untestable, type PairedTest } from './paired.js';

type Ranked = Readonly<{ ranks: readonly number[]; plus: number }>;

/** Doubled mid-ranks of the sizes of what is not 0, so that ties give whole numbers; and the sum of those above 0. */
const rank = (differences: readonly number[]): Ranked => {
  const kept = differences.filter((value) => value !== 0);
  const sizes = kept.map(Math.abs);
  const ranks = sizes.map((size) => {
    const smaller = sizes.filter((other) => other < size).length;
    const equal = sizes.filter((other) => other === size).length;
    return 2 * smaller + equal + 1;
  });
  return { ranks, plus: ranks.reduce((sum, each, at) => sum + ((kept[at] ?? 0) > 0 ? each : 0), 0) };
};

/** P(sum of the ranks above 0 = s) for every s, each sign as likely as the other: exact, ties included. */
const distribution = (ranks: readonly number[]): Float64Array => {
  const share = new Float64Array(ranks.reduce((sum, each) => sum + each, 0) + 1);
  share[0] = 1;
  let most = 0;
  for (const each of ranks) {
    most += each;
    for (let sum = most; sum >= 0; sum -= 1)
      share[sum] = ((share[sum] ?? 0) + (sum >= each ? (share[sum - each] ?? 0) : 0)) / 2;
  }
  return share;
};

/** P(sum >= the one seen) when the centre is 0. */
const signedRankAbove = (differences: readonly number[]): number => {
  const { ranks, plus } = rank(differences);
  return distribution(ranks).reduce((sum, share, at) => (at >= plus ? sum + share : sum), 0);
};

/** Means of all pairs, each value with itself too, in order. */
const walshAverages = (values: readonly number[]): readonly number[] =>
  values.flatMap((one, at) => values.slice(at).map((other) => (one + other) / 2)).sort((a, b) => a - b);

const median = (sorted: readonly number[]): number => {
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
};

/** How many averages at each end lie outside the interval: the most that P(sum <= count) <= alpha / 2 allows, and one more. */
const outside = (n: number, alpha: number): number => {
  const share = distribution(Array.from({ length: n }, (_, at) => at + 1));
  let [count, tail] = [0, 0];
  while (tail + (share[count] ?? 1) <= alpha / 2) {
    tail += share[count] ?? 1;
    count += 1;
  }
  return count;
};

/**
 * Wilcoxon's signed rank test [1945], exact whatever the number of pairs: differences of 0 are left out, ties share a rank.
 * The estimate is the median of the means of all pairs, the interval its exact one [Hodges & Lehmann 1963; Tukey 1949].
 */
export const signedRank: PairedTest = (differences, alpha, ofInterest) => {
  const refused = untestable(differences);
  if (refused) return refused;
  const averages = walshAverages(differences);
  const cut = outside(differences.length, alpha);
  const kept = signedRankAbove(differences.map((value) => value + ofInterest));
  const turned = differences.map((value) => 0 - value);
  return {
    estimate: median(averages),
    low: cut === 0 ? null : (averages[cut - 1] ?? null),
    high: cut === 0 ? null : (averages[averages.length - cut] ?? null),
    above: signedRankAbove(differences),
    below: signedRankAbove(turned),
    within: Math.max(kept, signedRankAbove(turned.map((value) => value + ofInterest))),
    kept,
  };
};
