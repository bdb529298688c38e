const ROOT_PI = 1.772453850905516;
const MOST_TERMS = 500;
const HALVINGS = 100;

/** Gamma((n + 1) / 2) / Gamma(n / 2) for n = 1, 2, .., by the recursion of the gamma function. */
const gammaRatio = (n: number): number => {
  let ratio = 1 / ROOT_PI;
  for (let k = 1; k < n; k += 1) ratio = k / 2 / ratio;
  return ratio;
};

/** x^(n / 2) for whole n. */
const halfPower = (x: number, n: number): number => {
  let power = n % 2 === 0 ? 1 : Math.sqrt(x);
  for (let k = 2; k <= n; k += 2) power *= x;
  return power;
};

/** The continued fraction of the incomplete beta function [Abramowitz & Stegun 26.5.8], by Lentz's recurrence. */
const fraction = (x: number, a: number, b: number): number => {
  let [c, d] = [1, 1 / (1 - ((a + b) * x) / (a + 1))];
  let value = d;
  const take = (term: number): number => {
    d = 1 / (1 + term * d);
    c = 1 + term / c;
    return d * c;
  };
  for (let m = 1; m <= MOST_TERMS; m += 1) {
    const even = take((m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)));
    const odd = take((-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)));
    value *= even * odd;
    if (Math.abs(even * odd - 1) < 1e-16) break;
  }
  return value;
};

/**
 * P(|T| >= t) of Student's t by the regularised incomplete beta function I_x(n / 2, 1 / 2), x = n / (n + t^2)
 * [Abramowitz & Stegun 26.7.1]. @param freedom a whole number of degrees, at least 1
 */
const bothTails = (t: number, freedom: number): number => {
  if (!Number.isFinite(t)) return 0;
  const [x, rest] = [freedom / (freedom + t * t), (t * t) / (freedom + t * t)];
  const [a, b] = [freedom / 2, 0.5];
  const front = (halfPower(x, freedom) * Math.sqrt(rest) * gammaRatio(freedom)) / ROOT_PI;
  const far = x < (a + 1) / (a + b + 2);
  return far ? (front * fraction(x, a, b)) / a : 1 - (front * fraction(rest, b, a)) / b;
};

/** P(T >= t) of Student's t. */
export const upperTail = (t: number, freedom: number): number => {
  const half = bothTails(t, freedom) / 2;
  return t >= 0 ? half : 1 - half;
};

/** The t that is exceeded with a probability below 1/2, by halving. */
export const upperQuantile = (tail: number, freedom: number): number => {
  let [low, high] = [0, 1];
  while (upperTail(high, freedom) > tail) [low, high] = [high, high * 2];
  for (let step = 0; step < HALVINGS; step += 1) {
    const middle = (low + high) / 2;
    if (upperTail(middle, freedom) > tail) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
};
