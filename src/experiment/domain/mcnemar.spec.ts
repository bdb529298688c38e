import { mcnemar } from './mcnemar.js';

// Exact: statsmodels 0.15.0, mcnemar(exact=True). Mid-p: scipy 1.17.1, 2 (binom.cdf(k, n, .5) - binom.pmf(k, n, .5) / 2).
it.each([
  [2, 9, 0.0654296875, 0.03857421875],
  [0, 6, 0.03125, 0.015625],
  [5, 5, 1, 1],
  [10, 25, 0.016673847800120715, 0.011330984183587134],
  [400, 460, 0.04416954819458914, 0.040812975927851866],
])('of %d items gained and %d lost has the exact p %d and the mid-p %d, whichever way', (gained, lost, exact, mid) => {
  for (const found of [mcnemar(gained, lost), mcnemar(lost, gained)])
    expect(found).toMatchObject({ exact: expect.closeTo(exact, 11), mid: expect.closeTo(mid, 11) });
});

it('keeps its digits where almost nothing is lost', () => {
  // scipy 1.17.1: binom.sf(58, 65, .5), and twice that
  expect(mcnemar(59, 6).above / 2.482325163564308e-12).toBeCloseTo(1, 9);
  expect(mcnemar(59, 6).exact / 4.964650327128616e-12).toBeCloseTo(1, 9);
});

it('counts the throws of a coin', () => {
  // 4 gained of 5: 6 of 32 throws are as many, 31 of 32 as few.
  expect(mcnemar(4, 1)).toMatchObject({ above: expect.closeTo(6 / 32, 14), below: expect.closeTo(31 / 32, 14) });
  expect(mcnemar(0, 0)).toEqual({ above: 1, below: 1, exact: 1, mid: 1 });
});

it.each([
  [-1, 2, 'gained: -1'],
  [1, 0.5, 'lost: 0.5'],
])('refuses %d gained and %d lost', (gained, lost, why) => expect(() => mcnemar(gained, lost)).toThrow(why));
