import { upperQuantile, upperTail } from './student.js';

const range = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);

it.each(range(41).map((at) => (at - 20) / 2))('has the closed forms of 1, 2 and 4 degrees of freedom at %d', (t) => {
  const root = Math.sqrt(2 + t * t);
  expect(upperTail(t, 1)).toBeCloseTo(0.5 - Math.atan(t) / Math.PI, 13);
  expect(upperTail(t, 2)).toBeCloseTo(0.5 - t / (2 * root), 13);
  const x = t / Math.sqrt(4 + t * t);
  expect(upperTail(t, 4)).toBeCloseTo(0.5 - 0.75 * (x - (x * x * x) / 3), 13);
});

// Abramowitz & Stegun, table 26.10: both tails of 0.05, 0.01 and 0.001; scipy 1.17.1's t.isf rounds to the same.
it.each([
  [0.025, 1, 12.706],
  [0.025, 7, 2.365],
  [0.005, 7, 3.499],
  [0.0005, 7, 5.408],
  [0.025, 15, 2.131],
  [0.0005, 30, 3.646],
  [0.005, 120, 2.617],
])('is exceeded with probability %d of %d degrees of freedom at %d', (tail, freedom, t) => {
  expect(upperQuantile(tail, freedom)).toBeCloseTo(t, 3);
  expect(upperTail(upperQuantile(tail, freedom), freedom)).toBeCloseTo(tail, 12);
});

it('has tails that add to one and vanish far out', () => {
  for (const freedom of [1, 2, 3, 8, 63])
    for (const t of [0, 0.1, 1, 3, 40]) expect(upperTail(t, freedom) + upperTail(-t, freedom)).toBeCloseTo(1, 14);
  expect(upperTail(0, 5)).toBe(0.5);
  expect(upperTail(Infinity, 5)).toBe(0);
});
