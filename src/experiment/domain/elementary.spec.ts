import { circle, exp, ln, tQuantile } from './elementary.js';

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);

it('exp is e to the x', () => {
  for (const x of range(4_000).map((at) => at * 0.35 - 700))
    expect(Math.abs(exp(x) / Math.exp(x) - 1)).toBeLessThan(1e-15);
  expect([exp(0), exp(-1_000), exp(1_000), exp(NaN)]).toEqual([1, 0, Infinity, NaN]);
  expect(exp(-700)).toBeGreaterThan(0);
});

it('ln is its inverse', () => {
  for (const x of range(60).map((at) => 1e-6 * 1.7 ** at)) expect(Math.abs(ln(x) - Math.log(x))).toBeLessThan(1e-13);
  expect(ln(1)).toBe(0);
});

it.each([5, 7, 25, 255])('the circle in %d steps', (n) => {
  const { cos, sin } = circle(n);
  for (const k of range(n)) {
    expect(cos[k]).toBeCloseTo(Math.cos((2 * Math.PI * k) / n), 12);
    expect(sin[k]).toBeCloseTo(Math.sin((2 * Math.PI * k) / n), 12);
  }
});

// scipy 1.17.1: t.ppf(level, freedom)
it.each([
  [0.975, 1, 12.7062],
  [0.975, 7, 2.3646],
  [0.975, 11, 2.201],
  [0.975, 15, 2.1314],
  [0.975, 30, 2.0423],
  [0.95, 3, 2.3534],
  [0.95, 15, 1.7531],
  [0.95, 1000, 1.6464],
] as const)("Student's t at %d with %d degrees of freedom is %d", (level, freedom, expected) => {
  expect(tQuantile(level, freedom)).toBeCloseTo(expected, 3);
});
