/**
 * Elementary functions out of + - * / alone, in a fixed order, so that every engine gives the same bits: the ones built in
 * may differ in the last place between engines and processors.
 */
const LN_2 = 0.6931471805599453;
export const PI = 3.141592653589793;

/** ln 2 in two parts [fdlibm]: the first has so few digits that whole multiples up to 2^20 of it are exact. */
const LN_2_HIGH = 0.6931471803691238;
const LN_2_LOW = 1.9082149292705877e-10;

/** 1 / 13!, 1 / 12!, .. 1 / 2!. */
const [C13, C12, C11, C10, C9, C8, C7, C6, C5, C4, C3, C2] = [
  1 / 6227020800,
  1 / 479001600,
  1 / 39916800,
  1 / 3628800,
  1 / 362880,
  1 / 40320,
  1 / 5040,
  1 / 720,
  1 / 120,
  1 / 24,
  1 / 6,
  1 / 2,
];

const LARGEST_POWER = 1_011;
/** 2^k for k = -1,011 .. 1,011, by doubling and halving: exact. */
const POWERS_OF_2 = new Float64Array(2 * LARGEST_POWER + 1).fill(1);
for (let k = 1; k <= LARGEST_POWER; k += 1) {
  POWERS_OF_2[LARGEST_POWER + k] = (POWERS_OF_2[LARGEST_POWER + k - 1] as number) * 2;
  POWERS_OF_2[LARGEST_POWER - k] = (POWERS_OF_2[LARGEST_POWER - k + 1] as number) / 2;
}

const { floor } = Math;

/** e^x for x in -700 .. 700: 2^k times Taylor's polynomial of the rest, |rest| <= ln 2 / 2. Relative error below 1e-15; beyond, 0 or Infinity. */
export const exp = (x: number): number => {
  const k = floor(x / LN_2 + 0.5);
  const rest = x - k * LN_2_HIGH - k * LN_2_LOW;
  let sum = C13 * rest + C12;
  sum = sum * rest + C11;
  sum = sum * rest + C10;
  sum = sum * rest + C9;
  sum = sum * rest + C8;
  sum = sum * rest + C7;
  sum = sum * rest + C6;
  sum = sum * rest + C5;
  sum = sum * rest + C4;
  sum = sum * rest + C3;
  sum = sum * rest + C2;
  sum = sum * rest + 1;
  sum = sum * rest + 1;
  return sum * (POWERS_OF_2[LARGEST_POWER + k] ?? (k < 0 ? 0 : Infinity));
};

/** Natural logarithm of a positive finite x: 2 artanh((m - 1) / (m + 1)) of the mantissa m. Error below 1e-14. */
export const ln = (x: number): number => {
  let [mantissa, exponent] = [x, 0];
  for (; mantissa > 1.5; exponent += 1) mantissa /= 2;
  for (; mantissa < 0.75; exponent -= 1) mantissa *= 2;
  const ratio = (mantissa - 1) / (mantissa + 1);
  let [sum, power] = [0, ratio];
  for (let n = 1; n <= 41; n += 2) {
    sum += power / n;
    power *= ratio * ratio;
  }
  return 2 * sum + exponent * LN_2;
};

/** Cosine and sine of 2 pi k / n for k = 0 .. n-1, by turning step after step; n at least 5. */
export const circle = (n: number): Readonly<{ cos: Float64Array; sin: Float64Array }> => {
  const angle = (2 * PI) / n;
  let [c, s, term] = [1, 0, 1];
  for (let k = 1; k <= 24; k += 1) {
    term = (term * angle) / k;
    const sign = k % 4 < 2 ? 1 : -1;
    if (k % 2 === 0) c += sign * term;
    else s += sign * term;
  }
  const [cos, sin] = [new Float64Array(n), new Float64Array(n)];
  let [x, y] = [1, 0];
  for (let k = 0; k < n; k += 1) {
    [cos[k], sin[k]] = [x, y];
    [x, y] = [x * c - y * s, x * s + y * c];
  }
  return { cos, sin };
};

/** Quantiles of Student's t for 1, 2, .. degrees of freedom; beyond the tables by their expansion about the normal's. */
const T_95 = [6.313752, 2.919986, 2.353363, 2.131847, 2.015048, 1.94318, 1.894579, 1.859548, 1.833113, 1.812461];
const T_975 = [12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157, 2.228139];
export const Z_975 = 1.959963984540054;
const Z_95 = 1.6448536269514722;

const expanded = (z: number, freedom: number): number => {
  const cube = z * z * z;
  const first = (cube + z) / 4;
  const second = (5 * cube * z * z + 16 * cube + 3 * z) / 96;
  const third = (3 * cube * cube * z + 19 * cube * z * z + 17 * cube - 15 * z) / 384;
  return z + first / freedom + second / (freedom * freedom) + third / (freedom * freedom * freedom);
};

/** One-sided quantile of Student's t at 95% or 97.5% [Abramowitz & Stegun 26.7.5]; degrees of freedom at least 1. */
export const tQuantile = (level: 0.95 | 0.975, freedom: number): number =>
  level === 0.95 ? (T_95[freedom - 1] ?? expanded(Z_95, freedom)) : (T_975[freedom - 1] ?? expanded(Z_975, freedom));
