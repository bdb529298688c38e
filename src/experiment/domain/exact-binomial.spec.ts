import { clopperPearson } from './exact-binomial.js';

describe('the exact interval of a share', () => {
  // Closed forms at the ends: 1 - (alpha / 2)^(1 / n), which for no hit in 100 is the .0362 of the tables.
  it.each([10, 100, 2_000])('has its closed form where there is no hit in %i, and none but hits', (n) => {
    const bound = 1 - 0.025 ** (1 / n);
    expect(clopperPearson(0, n)).toEqual({ low: 0, high: expect.closeTo(bound, 9) });
    expect(clopperPearson(n, n)).toEqual({ low: expect.closeTo(1 - bound, 9), high: 1 });
  });

  // R: binom.test(x, n)$conf.int; statsmodels 0.15.0, proportion_confint(x, n, method='beta'), gives the same.
  it.each([
    [1, 10, 0.002528579, 0.4450161],
    [5, 10, 0.187086, 0.812914],
    [7, 20, 0.1539092, 0.5921885],
  ])('of %i in %i is that of the tables', (hits, trials, low, high) => {
    const found = clopperPearson(hits, trials);
    expect(found.low).toBeCloseTo(low, 6);
    expect(found.high).toBeCloseTo(high, 6);
  });

  it('is symmetric and narrows with the number of trials', () => {
    const [few, many] = [clopperPearson(80, 100), clopperPearson(1_600, 2_000)];
    expect(clopperPearson(20, 100).high).toBeCloseTo(1 - few.low, 9);
    expect(many.high - many.low).toBeLessThan((few.high - few.low) / 4);
  });
});
