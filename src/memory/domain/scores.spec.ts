import { brier, crps, logScore, normalBelow } from './scores.js';

describe('scores of forecasts', () => {
  it('know the normal distribution', () => {
    // scipy 1.14 norm.cdf
    for (const [z, p] of [
      [0, 0.5],
      [1, 0.8413447460685429],
      [-1.96, 0.024997895148220435],
      [3.5, 0.9997673709209645],
      [-6, 9.865876450376946e-10],
      [9, 1],
    ] as const)
      expect(Math.abs(normalBelow(z) - p)).toBeLessThan(2e-14);
  });

  it('are those of the literature', () => {
    // CRPS of a standard normal at its mean: (sqrt 2 - 1) / sqrt pi [Gneiting & Raftery 2007, eq. 21].
    expect(crps({ mean: 0, sd: 1 }, 0)).toBeCloseTo((Math.SQRT2 - 1) / Math.sqrt(Math.PI), 14);
    expect(crps({ mean: 3, sd: 2 }, 5)).toBeCloseTo(2 * crps({ mean: 0, sd: 1 }, 1), 14);
    expect(crps({ mean: 0, sd: 0.001 }, 5)).toBeCloseTo(5 - 0.001 / Math.sqrt(Math.PI), 12);
    expect(logScore({ mean: 1, sd: 2 }, 2)).toBeCloseTo(-0.125 - Math.log(2) - Math.log(2 * Math.PI) / 2, 13);
    expect(brier(0.8, true)).toBeCloseTo(0.04, 15);
    expect(brier(0.8, false)).toBeCloseTo(0.64, 15);
  });

  it('reward neither hedging nor boasting: the true spread scores best', () => {
    const came = [-1.2, -0.5, -0.1, 0.1, 0.5, 1.2];
    const mean = (score: typeof crps, sd: number) => came.reduce((sum, y) => sum + score({ mean: 0, sd }, y), 0);
    for (const wrong of [0.2, 4]) {
      expect(mean(crps, 0.75)).toBeLessThan(mean(crps, wrong));
      expect(mean(logScore, 0.75)).toBeGreaterThan(mean(logScore, wrong));
    }
  });
});
