import { exp, ln, PI } from '#experiment/domain/elementary.js';
import type { Expected } from './forecast.js';

/** Beyond so many standard deviations a normal has no mass that a double shows. */
const FAR = 8;
const ROOT_OF_PI = Math.sqrt(PI);

const density = (z: number): number => (z > 38 || z < -38 ? 0 : exp((-z * z) / 2) / Math.sqrt(2 * PI));

/** Standard normal distribution function by its series about 0 [Marsaglia 2004]; error below 1e-14. */
export const normalBelow = (z: number): number => {
  if (z > FAR) return 1;
  if (z < -FAR) return 0;
  let [sum, term] = [z, z];
  for (let n = 3; n < 400; n += 2) {
    term = (term * z * z) / n;
    sum += term;
  }
  return 0.5 + sum * density(z);
};

/** Logarithm of the density that was forecast for what came, in nats; higher is better. */
export const logScore = ({ mean, sd }: Expected, came: number): number => {
  const z = (came - mean) / sd;
  return -(z * z) / 2 - ln(sd) - ln(2 * PI) / 2;
};

/** Continuous ranked probability score of a normal forecast, in the unit of what is forecast; lower is better [Gneiting & Raftery 2007]. */
export const crps = ({ mean, sd }: Expected, came: number): number => {
  const z = (came - mean) / sd;
  return sd * (z * (2 * normalBelow(z) - 1) + 2 * density(z) - 1 / ROOT_OF_PI);
};

/** Squared error of a probability; lower is better. */
export const brier = (probability: number, came: boolean): number => {
  const error = probability - (came ? 1 : 0);
  return error * error;
};
