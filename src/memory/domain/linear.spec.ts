import { expect as expected, learn, untaught, type Linear } from './linear.js';

const seen: readonly (readonly [readonly number[], number])[] = [
  [[1, 0.5], 0.3],
  [[1, -1], -0.2],
  [[1, 0.25], 0.7],
  [[1, 2], 1.1],
];
const after = (model: Linear, of = seen): Linear => of.reduce((m, [x, y]) => learn(m, x, y), model);

/** Posterior of the textbook [Gelman et al., Bayesian Data Analysis, 3rd ed., 14.2], for two weights, at once. */
const atOnce = ([worth0, worth1]: readonly [number, number], mean0: number, shape: number, scale: number) => {
  let [a, b, d, u, v, squares] = [worth0, 0, worth1, worth0 * mean0, 0, worth0 * mean0 * mean0];
  for (const [[p = 0, q = 0], y] of seen)
    [a, b, d, u, v, squares] = [a + p * p, b + p * q, d + q * q, u + p * y, v + q * y, squares + y * y];
  const det = a * d - b * b;
  const mean = [(d * u - b * v) / det, (a * v - b * u) / det] as const;
  const explained = mean[0] * u + mean[1] * v;
  return {
    mean,
    shape: shape + seen.length / 2,
    scale: scale + (squares - explained) / 2,
    det: [a, b, d, det] as const,
  };
};

describe('a Bayesian linear model', () => {
  it('has learnt from observations one by one what the textbook gives at once', () => {
    const model = after(untaught({ mean: 0.1, sd: 0.2, worth: [1, 4] }));
    const { mean, shape, scale, det } = atOnce([1, 4], 0.1, 2, 0.04);
    mean.forEach((value, at) => expect(model.mean[at]).toBeCloseTo(value, 13));
    expect(model.shape).toBe(shape);
    expect(model.scale).toBeCloseTo(scale, 13);
    const x = [1, 0.7];
    const [a, b, d, whole] = det;
    const reach = (d * 1 - 2 * b * 0.7 + a * 0.49) / whole;
    expect(expected(model, x).sd).toBeCloseTo(Math.sqrt((scale / (shape - 1)) * (1 + reach)), 13);
  });

  it('is, with an intercept alone, the mean of what was seen and of the prior by its worth', () => {
    const ys = [1, 0, 1, 1];
    const model = after(
      untaught({ mean: 0.5, sd: 0.5, worth: [2] }),
      ys.map((y) => [[1], y] as const),
    );
    expect(expected(model, [1]).mean).toBeCloseTo((3 + 1) / (4 + 2), 14);
  });

  it('says before it has seen anything what its prior says', () =>
    expect(expected(untaught({ mean: 0.01, sd: 0.02, worth: [1, 4] }), [1, 0])).toEqual({
      mean: 0.01,
      sd: Math.sqrt(0.02 * 0.02 * 2),
    }));
});
