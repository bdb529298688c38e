import { fixedSampleSize } from './fixed-sample.js';

it('needs 25 units for half a standard deviation at 5% and 80%', () =>
  // (1.6449 + .8416)^2 / .25 = 24.73
  expect(fixedSampleSize({ alpha: 0.05, power: 0.8, sd: 2, distance: 1 })).toBe(25));
