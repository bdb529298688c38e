import { holm } from './holm.js';

// By hand: p of rank i times (m - i + 1), and never below the one before [Holm 1979]; statsmodels 0.15.0 gives the same.
it.each([
  [
    [0.01, 0.02, 0.03, 0.04],
    [0.04, 0.06, 0.06, 0.06],
  ],
  [
    [0.04, 0.01, 0.005],
    [0.04, 0.02, 0.015],
  ],
  [
    [0.6, 0.5],
    [1, 1],
  ],
  [[0.03], [0.03]],
  [[], []],
])('%j becomes %j', (values, adjusted) => expect(holm(values)).toEqual(adjusted.map((p) => expect.closeTo(p, 12))));
