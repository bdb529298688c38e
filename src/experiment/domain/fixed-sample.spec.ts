import { fixedSampleSize, normalQuantile } from './fixed-sample.js';

describe('a test of fixed size', () => {
  it.each([
    [0.5, 0],
    [0.8, 0.8416212336],
    [0.975, 1.9599639845],
    [0.99875, 3.0233414397],
  ])('has the quantile of the tables at %p', (p, z) => {
    expect(normalQuantile(p)).toBeCloseTo(z, 8);
    expect(normalQuantile(1 - p)).toBeCloseTo(-z, 8);
  });

  it('needs 25 units for half a standard deviation at 5% and 80%', () =>
    // (1.6449 + .8416)^2 / .25 = 24.73
    expect(fixedSampleSize({ alpha: 0.05, power: 0.8, sd: 2, distance: 1 })).toBe(25));
});
