import { kendall } from './kendall.js';

const turned = (values: readonly number[]): readonly number[] => values.map((value) => 0 - value);

// scipy 1.17.1: kendalltau(x, y, alternative='greater'), exact.
it.each([
  [[1, 2, 3, 4, 5], [2, 1, 4, 3, 5], 0.6, 0.11666666666666667],
  [[1, 2, 3, 4, 5, 6, 7], [3, 1, 2, 5, 4, 7, 6], 0.6190476190476191, 0.034523809523809526],
  [
    Array.from({ length: 12 }, (_, at) => at),
    [1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10],
    0.8181818181818181,
    2.2064644460477792e-5,
  ],
])('of %j and %j is %d with p %d', (x, y, tau, p) => {
  expect(kendall(x, y)).toEqual({ tau: expect.closeTo(tau, 13), above: expect.closeTo(p, 13) });
  expect(kendall(x, turned(y)).tau).toBeCloseTo(0 - tau, 13);
});

// Tau-b of scipy 1.17.1; p by every permutation of y, in Python's itertools.
it.each([
  [[12, 2, 1, 12, 2], [1, 4, 7, 1, 0], -0.4714045207910316, 0.8666666666666667],
  [[1, 1, 2, 3, 3, 4], [1, 2, 2, 4, 5, 5], 0.8461538461538463, 0.022222222222222223],
])('of %j and %j, with ties, is %d with p %d', (x, y, tau, p) =>
  expect(kendall(x, y)).toEqual({ tau: expect.closeTo(tau, 13), above: expect.closeTo(p, 13) }),
);

it('is 1 with p 1 / n! for the same order, and -1 with p 1 for the opposite one', () => {
  const order = [3, 5, 7, 11, 13, 17];
  expect(kendall(order, order)).toEqual({ tau: 1, above: expect.closeTo(1 / 720, 14) });
  expect(kendall(order, turned(order))).toEqual({ tau: -1, above: expect.closeTo(1, 14) });
});

it('says nothing where nothing is ranked, nor a p that would take too long', () => {
  expect(kendall([1, 1, 1], [1, 2, 3])).toEqual({ tau: null, above: null });
  expect(kendall([], [])).toEqual({ tau: null, above: null });
  const ten = Array.from({ length: 10 }, (_, at) => Math.min(at, 8));
  expect(kendall(ten, ten)).toEqual({ tau: 1, above: null });
});

it('refuses what cannot be ranked', () => {
  expect(() => kendall([1], [1, 2])).toThrow('1 values and 2');
  expect(() => kendall([1, NaN], [1, 2])).toThrow('NaN cannot be ranked');
});
