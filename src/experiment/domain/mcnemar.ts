import { cumulative } from './exact-binomial.js';

/** What the items say whose outcome differs between two models, each a p-value. */
export type Changed = Readonly<{
  /** One-sided: that more are gained than lost, and that fewer are. */
  above: number;
  below: number;
  /** Two-sided: exact [McNemar 1947], never too small; and the mid-p value, which is on average as large as it should be. */
  exact: number;
  mid: number;
}>;

/** P(X >= hits) of a fair coin, by symmetry a sum from 0 up; nothing thrown is no surprise. */
const atLeast = (hits: number, throws: number): number => (throws === 0 ? 1 : cumulative(throws - hits, throws, 0.5));

/**
 * McNemar's test of two models on the same independent items: those that both have right or wrong say nothing, and of the
 * others each is gained or lost like a fair coin where the models are equally good.
 * @param gained items that only the first has right. @param lost items that only the second has right
 */
export const mcnemar = (gained: number, lost: number): Changed => {
  for (const [name, count] of Object.entries({ gained, lost }))
    if (!Number.isInteger(count) || count < 0)
      throw new RangeError(`${name}: ${count}; must be a whole number of items`);
  const [above, below] = [atLeast(gained, gained + lost), atLeast(lost, gained + lost)];
  const less = Math.min(above, below);
  // P(X >= x) + P(X <= x) - 1 = P(X = x), of which the mid-p value counts one half.
  const half = (above + below - 1) / 2;
  return { above, below, exact: Math.min(1, 2 * less), mid: Math.min(1, 2 * (less - half)) };
};
