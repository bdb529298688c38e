import { Rng } from '#corpus/domain/random.js';
import { bootstrap } from './bootstrap.js';
import { mean, overSeeds, variance, type Interval } from './statistics.js';

const values = [0.9, 1.4, 0.2, 2.8, 0.6, 1.1, 4.9, 0.3];
const drawn = (alpha = 0.05) => ({ stream: Rng.from('bootstrap/1', 'spec'), alpha });

it('has the bounds that many more draws give', () => {
  // scipy 1.17.1: bootstrap((values,), mean, n_resamples=400000, method='BCa', rng=1); the percentile method gives .6375 and 2.6625
  const { estimate, low, high } = bootstrap(values, mean, drawn());
  expect(estimate).toBeCloseTo(mean(values), 14);
  expect(Math.abs((low ?? 0) - 0.7625)).toBeLessThan(0.04);
  expect(Math.abs((high ?? 0) - 3.025)).toBeLessThan(0.12);
});

it('does for a spread what it does for a mean, and turns round with its statistic', () => {
  // scipy 1.17.1: bootstrap((values,), numpy.std, n_resamples=200000, method='BCa', rng=1)
  const spread = (sample: readonly number[]): number =>
    Math.sqrt((variance(sample) * (sample.length - 1)) / sample.length);
  const { low, high } = bootstrap(values, spread, drawn());
  expect(Math.abs((low ?? 0) - 0.7172)).toBeLessThan(0.06);
  expect(Math.abs((high ?? 0) - 2.246)).toBeLessThan(0.08);
  const turned = bootstrap(values, (sample) => 0 - spread(sample), drawn());
  expect(turned.low).toBeCloseTo(0 - (high ?? 0), 1);
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

describe('of 300 samples of a mean', () => {
  const rng = Rng.from('bootstrap/1', 'coverage');
  const normal = (): number => Array.from({ length: 12 }, () => rng.uniform()).reduce((sum, each) => sum + each, -6);
  const covered = (size: number, interval: (sample: readonly number[], at: number) => Interval): number => {
    let hits = 0;
    for (let at = 0; at < 300; at += 1) {
      const { low, high } = interval(Array.from({ length: size }, normal), at);
      if ((low ?? 0) <= 0 && (high ?? 0) >= 0) hits += 1;
    }
    return hits / 300;
  };
  const resampled = (sample: readonly number[], at: number): Interval =>
    bootstrap(sample, mean, { stream: Rng.from('bootstrap/1', 'sample', at), alpha: 0.05 });

  it("resampling four seeds covers too few, where Student's interval covers its 95%", () => {
    expect(covered(4, resampled)).toBeLessThan(0.88);
    expect(covered(4, (sample) => overSeeds(sample))).toBeGreaterThan(0.91);
  });

  it('resampling sixteen covers nearly 95%', () => expect(covered(16, resampled)).toBeGreaterThan(0.89));
});
