import { Rng } from '#corpus/domain/random.js';
import { bootstrap, outerShare } from './bootstrap.js';
import { mean, overSeeds, variance, type Interval } from './statistics.js';

const values = [0.9, 1.4, 0.2, 2.8, 0.6, 1.1, 4.9, 0.3];
const drawn = (alpha = 0.05) => ({ stream: Rng.from('bootstrap/1', 'spec'), alpha });

// scipy 1.17.1: bootstrap((values,), statistic, n_resamples=400000, method='BCa', rng=1) at the confidence level that leaves
// norm.cdf(-sqrt(8 / 7) t.ppf(1 - alpha / 2, 7)) on either side; at .95 itself the mean's bounds are .7625 and 3.025.
it('has the bounds that many more draws give', () => {
  const { estimate, low, high } = bootstrap(values, mean, drawn());
  expect(estimate).toBeCloseTo(mean(values), 14);
  expect(Math.abs((low ?? 0) - 0.6375)).toBeLessThan(0.04);
  // One in 2,000 lies beyond: a handful of the draws.
  expect(Math.abs((high ?? 0) - 3.5875)).toBeLessThan(0.25);
  const wider = bootstrap(values, mean, drawn(0.2));
  expect(Math.abs((wider.low ?? 0) - 0.9)).toBeLessThan(0.04);
  expect(Math.abs((wider.high ?? 0) - 2.6125)).toBeLessThan(0.12);
});

it('leaves out as much on either side as two halves of alpha where units are many', () => {
  expect(outerShare(8, 0.05)).toBeCloseTo(0.0057375205170298775, 12);
  expect(outerShare(100_000, 0.05)).toBeCloseTo(0.025, 5);
});

it('does for a spread what it does for a mean, and turns round with its statistic', () => {
  const spread = (sample: readonly number[]): number =>
    Math.sqrt((variance(sample) * (sample.length - 1)) / sample.length);
  const { low, high } = bootstrap(values, spread, drawn());
  expect(Math.abs((low ?? 0) - 0.4226)).toBeLessThan(0.08);
  expect(Math.abs((high ?? 0) - 2.3377)).toBeLessThan(0.08);
  const turned = bootstrap(values, (sample) => 0 - spread(sample), drawn());
  expect(Math.abs((turned.low ?? 0) + (high ?? 0))).toBeLessThan(0.08);
});

it('gives the same bounds of the same draws, and narrower ones for less', () => {
  expect(bootstrap(values, mean, drawn())).toEqual(bootstrap(values, mean, drawn()));
  const [wide, narrow] = [bootstrap(values, mean, drawn()), bootstrap(values, mean, drawn(0.2))];
  expect([(narrow.low ?? 0) > (wide.low ?? 0), (narrow.high ?? 0) < (wide.high ?? 0)]).toEqual([true, true]);
});

it('has no bounds of three units, and one value where all are equal', () => {
  expect(bootstrap([1, 2, 3], mean, drawn())).toEqual({ estimate: 2, low: null, high: null });
  expect(bootstrap([2, 2, 2, 2], mean, drawn())).toEqual({ estimate: 2, low: 2, high: 2 });
});

describe('of 150 samples of a mean', () => {
  const rng = Rng.from('bootstrap/1', 'coverage');
  const normal = (): number => Array.from({ length: 12 }, () => rng.uniform()).reduce((sum, each) => sum + each, -6);
  const covered = (size: number, interval: (sample: readonly number[], at: number) => Interval): number => {
    let hits = 0;
    for (let at = 0; at < 150; at += 1) {
      const { low, high } = interval(Array.from({ length: size }, normal), at);
      if ((low ?? 0) <= 0 && (high ?? 0) >= 0) hits += 1;
    }
    return hits / 150;
  };
  const resampled = (sample: readonly number[], at: number): Interval =>
    bootstrap(sample, mean, { stream: Rng.from('bootstrap/1', 'sample', at), alpha: 0.05 });

  it.each([
    [4, 0.86],
    [16, 0.88],
  ])("resampling %d seeds covers hardly less than Student's interval does", (seeds, least) => {
    expect(covered(seeds, resampled)).toBeGreaterThan(least);
    expect(covered(seeds, (sample) => overSeeds(sample))).toBeGreaterThan(0.89);
  });
});
