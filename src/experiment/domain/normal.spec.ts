import { normal, normalQuantile } from './normal.js';

// scipy.stats.norm 1.17.1
it.each([
  [0.5, 0],
  [0.8, 0.8416212335729143],
  [0.975, 1.959963984540054],
  [0.99875, 3.023341439739154],
])('has the quantile of %p at %p', (p, z) => {
  expect(normalQuantile(p)).toBeCloseTo(z, 10);
  expect(normalQuantile(1 - p)).toBeCloseTo(-z, 10);
  expect(normal(z)).toBeCloseTo(p, 14);
});

it('ends at 0 and 1', () => {
  expect([normal(-40), normal(-8), normal(8), normal(40)]).toEqual([0, 0, 1, 1]);
  expect(normal(-7.99)).toBeGreaterThanOrEqual(-1e-14);
  expect(1 - normal(7.99)).toBeLessThan(1e-14);
});
