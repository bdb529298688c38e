import { Rng } from '#corpus/domain/random.js';
import { FEWEST_TO_RESAMPLE, outerShare } from './bootstrap.js';
import { changes, meanCurve, ofInterest, type Panel } from './curve.js';
import { mean, overSeeds, quantile, type Interval } from './statistics.js';

const DRAWS = 2000;
const FEWEST_DRAWS = 200;
const MOST_STEPS = 6_000_000;
/** Steps per cycle of one draw beside those per seed: the saturation fit. */
const FIT_STEPS = 48;

/** Best value up to each cycle, and how far below it the curve stands. */
export const runningBest = (
  curve: readonly number[],
): Readonly<{ best: readonly number[]; regret: readonly number[] }> => {
  let highest = -Infinity;
  const best = curve.map((value) => (highest = value > highest ? value : highest));
  return { best, regret: best.map((value, at) => value - (curve[at] ?? 0)) };
};

/** Place of the highest value, the first of equal ones. */
export const highestAt = (curve: readonly number[]): number => {
  let at = 0;
  curve.forEach((value, i) => {
    if (value > (curve[at] ?? value)) at = i;
  });
  return at;
};

/** Mean curves of seeds drawn with replacement: 2,000, fewer (at least 200) of long curves. Same panel, same draws. */
export function* resampled({ rows, cycles }: Panel, purpose: string): Generator<readonly number[]> {
  const steps = Math.max(1, cycles.length * (rows.length + FIT_STEPS));
  const draws = Math.min(DRAWS, Math.max(FEWEST_DRAWS, Math.floor(MOST_STEPS / steps)));
  const stream = Rng.from('envelope/1', 'bootstrap', purpose);
  for (let draw = 0; draw < draws; draw += 1) {
    const rng = stream.branch(draw);
    const curve = cycles.map(() => 0);
    for (let seed = 0; seed < rows.length; seed += 1) {
      const row = rows[rng.below(rows.length)] ?? [];
      for (let at = 0; at < curve.length; at += 1) curve[at] = (curve[at] ?? 0) + (row[at] ?? 0) / rows.length;
    }
    yield curve;
  }
}

export type Peak = Readonly<{
  cycle: number;
  /** Cycles that hold 95% of the resampled peaks; null with fewer than four seeds. */
  cycleLow: number | null;
  cycleHigh: number | null;
  /** Share of the resampled curves that are highest before their last cycle. */
  shareBeforeLast: number | null;
  /** Rise from the start to the peak, and fall from the peak to the last cycle, measured in seeds that did not choose it. */
  rise: Interval | null;
  drop: Interval | null;
  /** The drop is above 0 at 95% in both halves, and as large as is of interest. */
  shown: boolean;
}>;

/** Both halves' estimates, averaged; either bound is that of the half that says less, so that it holds for both. */
const cautious = (halves: readonly Interval[]): Interval => ({
  estimate: mean(halves.map(({ estimate }) => estimate)),
  low: Math.min(...halves.map(({ low }) => low ?? -Infinity)),
  high: Math.max(...halves.map(({ high }) => high ?? Infinity)),
});

/**
 * Rise and drop by seed splitting: the peak cycle is chosen on one half of the seeds and measured on the other, and the
 * other way round, so that the luck that made a cycle highest is not counted as its height. The halves are not pooled for
 * the bounds (one-sided at 95%): where both chose the same cycle, the pooled seeds have chosen it themselves.
 */
export const splitPeak = (panel: Panel): Pick<Peak, 'rise' | 'drop' | 'shown'> => {
  const { rows, cycles } = panel;
  if (rows.length < FEWEST_TO_RESAMPLE) return { rise: null, drop: null, shown: false };
  const order = Rng.from('envelope/1', 'split').shuffle(rows.map((_, seed) => seed));
  const halves = [order.filter((_, at) => at % 2 === 0), order.filter((_, at) => at % 2 === 1)];
  const chosen = halves.map((seeds) =>
    highestAt(cycles.map((_, at) => mean(seeds.map((seed) => rows[seed]?.[at] ?? 0)))),
  );
  const measured = (from: number): Interval =>
    cautious(
      halves.map((seeds, half) => {
        const differences = changes(panel, from, chosen[1 - half] ?? 0);
        return overSeeds(
          seeds.map((seed) => differences[seed] ?? 0),
          0.95,
        );
      }),
    );
  const drop = measured(cycles.length - 1);
  const shown = (drop.low ?? -1) > 0 && drop.estimate >= ofInterest(panel);
  return { rise: measured(0), drop, shown };
};

/** The peak of the mean curve and how sure it is. */
export const peakOf = (panel: Panel): Peak | null => {
  const { cycles, rows } = panel;
  const cycle = cycles[highestAt(meanCurve(panel))];
  if (cycle === undefined) return null;
  const single = {
    cycle,
    cycleLow: null,
    cycleHigh: null,
    shareBeforeLast: null,
    rise: null,
    drop: null,
    shown: false,
  };
  if (rows.length < FEWEST_TO_RESAMPLE) return single;
  const places = [...resampled(panel, 'peak')].map(highestAt);
  const share = outerShare(rows.length, 0.05);
  const cycleAt = (part: number): number => cycles[quantile(places, part)] ?? cycle;
  return {
    cycle,
    cycleLow: cycleAt(share),
    cycleHigh: cycleAt(1 - share),
    shareBeforeLast: places.filter((place) => place < cycles.length - 1).length / places.length,
    ...splitPeak(panel),
  };
};
