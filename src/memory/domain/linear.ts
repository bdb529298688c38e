/**
 * Bayesian linear regression with a normal-inverse-gamma prior, in closed form: y = x'w + noise, w given the noise's
 * variance s normal about `mean` with covariance s `spread`, s inverse-gamma(shape, scale). Everything is + - * / in a
 * fixed order, so that every engine gives the same bits.
 */
export type Linear = Readonly<{
  mean: readonly number[];
  /** Symmetric, row by row. */
  spread: readonly (readonly number[])[];
  shape: number;
  scale: number;
}>;

/** Of what is not known yet: location, standard deviation of the noise, and how much evidence each weight's prior is worth. */
export type Prior = Readonly<{ mean: number; sd: number; worth: readonly number[] }>;

/** Shape of the prior: the least whole number for which the variance has a mean; so the first errors count. */
const SHAPE = 2;

/** The first weight is the intercept, the only one that is expected to differ from 0. */
export const untaught = ({ mean, sd, worth }: Prior): Linear => ({
  mean: worth.map((_, at) => (at === 0 ? mean : 0)),
  spread: worth.map((own, row) => worth.map((_, column) => (row === column ? 1 / own : 0))),
  shape: SHAPE,
  scale: sd * sd * (SHAPE - 1),
});

const dot = (a: readonly number[], b: readonly number[]): number => {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += (a[at] as number) * (b[at] as number);
  return sum;
};

/** The model after one more observation. */
export const learn = (model: Linear, x: readonly number[], y: number): Linear => {
  const reach = model.spread.map((row) => dot(row, x));
  const share = 1 + dot(reach, x);
  const error = y - dot(model.mean, x);
  return {
    mean: model.mean.map((value, at) => value + ((reach[at] as number) * error) / share),
    spread: model.spread.map((row, i) =>
      row.map((value, j) => value - ((reach[i] as number) * (reach[j] as number)) / share),
    ),
    shape: model.shape + 0.5,
    scale: model.scale + (error * error) / (2 * share),
  };
};

/** Mean and standard deviation of the next observation, which is Student's t; it is reported, and scored, as a normal. */
export const expect = (model: Linear, x: readonly number[]): Readonly<{ mean: number; sd: number }> => {
  const share =
    1 +
    dot(
      model.spread.map((row) => dot(row, x)),
      x,
    );
  return { mean: dot(model.mean, x), sd: Math.sqrt((model.scale / (model.shape - 1)) * share) };
};
