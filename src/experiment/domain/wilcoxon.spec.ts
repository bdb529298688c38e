import type { Tested } from './paired.js';
import { signedRank } from './wilcoxon.js';

/** Depression scores of nine patients before and after a session [Hollander & Wolfe 1973, table 3.1]; as of scipy 1.17.1. */
const before = [1.83, 0.5, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.3];
const after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29];
const differences = before.map((value, at) => value - (after[at] ?? 0));
const test = (values: readonly number[], alpha = 0.05, ofInterest = 1): Tested =>
  signedRank(values, alpha, ofInterest) as Tested;

it('has the figures of the book: p 5/256 one-sided, median 0.46, interval 0.010 to 0.786', () => {
  const { above, estimate, low, high } = test(differences);
  expect(above).toBe(10 / 512);
  expect(estimate).toBeCloseTo(0.46, 2);
  expect([low, high]).toEqual([expect.closeTo(0.01, 3), expect.closeTo(0.786, 3)]);
});

/** Every sign once: what the exact distribution is by definition. */
const byCounting = (values: readonly number[]): number => {
  const sizes = values.map(Math.abs);
  const ranks = sizes.map(
    (size) => sizes.filter((other) => other < size).length + (sizes.filter((other) => other === size).length + 1) / 2,
  );
  const sumOf = (isPlus: (at: number) => boolean): number =>
    ranks.reduce((sum, rank, at) => sum + (isPlus(at) ? rank : 0), 0);
  const seen = sumOf((at) => (values[at] ?? 0) > 0);
  const all = 2 ** values.length;
  let hits = 0;
  for (let signs = 0; signs < all; signs += 1) if (sumOf((at) => ((signs >> at) & 1) === 1) >= seen) hits += 1;
  return hits / all;
};

it.each([[[1, 2, 3, -4]], [[1, 1, -1, 2, 2, -3]], [[0.5, -0.5, 0.5, 0.5, 3, -7, 7]], [[-1, -2, -3, -4, -5]]])(
  'counts the signs of %j exactly, ties too',
  (values) => {
    expect(test(values).above).toBe(byCounting(values));
    expect(test(values).below).toBe(byCounting(values.map((value) => 0 - value)));
  },
);

it('has no interval where not even the widest reaches the level, and a p that n allows at least', () => {
  expect(test([1, 2, 3, 4, 5])).toMatchObject({ low: null, high: null, above: 1 / 32 });
  expect(test([1, 2, 3, 4, 5, 6])).toMatchObject({ low: 1, high: 6, above: 1 / 64 });
});

it('leaves out what does not differ, and shifts for equivalence', () => {
  expect(test([0, 0, 1, 2, 3]).above).toBe(1 / 8);
  expect(test([0.1, -0.1, 0.2, -0.3, 0.25, 0.05], 0.05, 1).within).toBe(1 / 64);
  expect(test([0.1, -0.1, 0.2, -0.3, 0.25, 1.05], 0.05, 1).within).toBe(2 / 64);
});

it('shows that nothing of interest is lost where equivalence is not shown', () => {
  const { kept, within } = test([-0.5, 3, 4, 5, 6, 7]);
  expect([kept, within > 0.5]).toEqual([1 / 64, true]);
});

it('says why it cannot test', () => {
  expect(signedRank([2], 0.05, 1)).toEqual({ why: 'tooFewSeeds' });
  expect(signedRank([0, 0, 0], 0.05, 1)).toEqual({ why: 'zeroVariance' });
});
