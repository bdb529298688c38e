import { clusteredMean } from './clustered.js';
import { pairedT } from './paired.js';

const clusters = [[0.4, 0.1, 0.3], [-0.2, 0], [0.5, 0.7, 0.6, -0.1], [0.2], [0.3, 0.9]];

it('has the figures of a regression on nothing but its constant with clustered errors', () =>
  // statsmodels 0.15.0: OLS(d, ones).fit(cov_type='cluster', cov_kwds={'groups': g}, use_t=True)
  expect(clusteredMean(clusters, 0.05)).toEqual({
    estimate: expect.closeTo(0.3083333333333334, 13),
    error: expect.closeTo(0.10426499988307339, 13),
    low: expect.closeTo(0.01884728, 8),
    high: expect.closeTo(0.59781938, 8),
    p: expect.closeTo(0.04166978184702922, 12),
    clusters: 5,
  }));

it('is the t test where every cluster has one value, or the same values twice', () => {
  const values = [0.4, -0.1, 0.7, 0.2];
  const { low, high } = pairedT(values, 0.1, 1) as { low: number; high: number };
  const expected = { low: expect.closeTo(low, 13), high: expect.closeTo(high, 13) };
  expect(
    clusteredMean(
      values.map((value) => [value]),
      0.1,
    ),
  ).toMatchObject(expected);
  expect(
    clusteredMean(
      values.map((value) => [value, value]),
      0.1,
    ),
  ).toMatchObject(expected);
});

it('says how sure it is only where there are two clusters that say something', () => {
  expect(clusteredMean([[1, 3], []], 0.05)).toEqual({
    estimate: 2,
    low: null,
    high: null,
    clusters: 1,
    error: null,
    p: null,
  });
  expect(clusteredMean([[2], [2, 2]], 0.05)).toMatchObject({ estimate: 2, low: 2, high: 2, error: 0, p: null });
});
