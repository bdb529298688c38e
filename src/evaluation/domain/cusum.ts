import { drift, type Drift } from './drift.js';

/** Loss of one accepted candidate against the anchor, over `units` documents: mean and deviation of the paired differences. */
export type Loss = Readonly<{ mean: number; sd: number; units: number }>;

/** The anchor against itself. */
export const noLoss: Loss = { mean: 0, sd: 0, units: 1 };

/** Slack per step and bound of the sum, in standard errors: Page's CUSUM as it is tuned for a shift of one [Page 1954]. */
export const CUSUM_SLACK = 0.5;
export const CUSUM_BOUND = 5;
/** The most that one step counts, so that a single loss within the constitution's margin is no creep. */
export const CUSUM_MOST_STEP = 2;

/** How much more is lost than before, in standard errors of the difference; 0 when nothing is, whatever the error. */
export const standardisedLoss = (now: Loss, before: Loss): number => {
  const change = now.mean - before.mean;
  if (change === 0) return 0;
  return change / Math.sqrt((now.sd * now.sd) / now.units + (before.sd * before.sd) / before.units);
};

/** The sum after one more champion; NaN stays NaN. */
export const cusumAfter = (sum: number, loss: number): number => {
  const step = (loss > CUSUM_MOST_STEP ? CUSUM_MOST_STEP : loss) - CUSUM_SLACK;
  const after = sum + step;
  return after < 0 ? 0 : after;
};

export const cusumDrift = (metric: string, value: number): Drift =>
  drift(metric, 'standard errors', value, { reference: 'champion', threshold: CUSUM_BOUND });
