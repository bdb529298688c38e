import { pairedT, type Tested } from './paired.js';

/** Hours of sleep gained by ten patients with one drug and with another [Student 1908, Biometrika 6]; figures as of scipy 1.17.1. */
const first = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0, 2];
const second = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
const differences = second.map((value, at) => value - (first[at] ?? 0));
const test = (values: readonly number[], alpha = 0.05, ofInterest = 1): Tested =>
  pairedT(values, alpha, ofInterest) as Tested;

it("has the figures of Student's sleep data: t 4.0621, p 0.002833, interval 0.7001 to 2.4599", () => {
  const { estimate, low, high, above, below } = test(differences);
  expect(estimate).toBeCloseTo(1.58, 12);
  expect(2 * above).toBeCloseTo(0.002833, 6);
  expect(above + below).toBeCloseTo(1, 14);
  expect([low, high]).toEqual([expect.closeTo(0.7001142, 6), expect.closeTo(2.4598858, 6)]);
});

it('is equivalent exactly when the interval at twice alpha lies within what is of interest', () => {
  const { low, high } = test(differences, 0.1);
  for (const nudge of [-1e-6, 1e-6]) expect(test(differences, 0.1, (high ?? 0) + nudge).within < 0.05).toBe(nudge > 0);
  expect(low).toBeGreaterThan(0 - (high ?? 0));
  const turned = differences.map((value) => 0 - value);
  expect(test(turned, 0.1, 3).within).toBeCloseTo(test(differences, 0.1, 3).within, 14);
});

it('has the closed form of two degrees of freedom', () => {
  // Mean 2, standard error 1 / sqrt 3: t is sqrt 12 against 0, and -sqrt 3 against 3.
  const { above, within, kept } = test([1, 2, 3], 0.05, 3);
  expect(kept).toBeCloseTo(0.5 - Math.sqrt(75) / (2 * Math.sqrt(77)), 12);
  expect(above).toBeCloseTo(0.5 - Math.sqrt(12) / (2 * Math.sqrt(14)), 12);
  expect(within).toBeCloseTo(0.5 - Math.sqrt(3) / (2 * Math.sqrt(5)), 12);
});

it.each([
  [[], 'tooFewSeeds'],
  [[1.5], 'tooFewSeeds'],
  [[0.5, 0.5, 0.5], 'zeroVariance'],
])('says why %j cannot be tested', (values, why) => expect(pairedT(values, 0.05, 1)).toEqual({ why }));
