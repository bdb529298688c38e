import { holm } from './holm.js';

// Values of p.adjust(p, "holm") of R's documentation of the method: c(.01, .02, .03, .04) and Holm's own order.
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
