import { attribute, type Attribution, type RunFacts } from './attribution.js';
import {
  bandAt,
  capability,
  changeBetween,
  generalQuality,
  meanCurve,
  ofInterest,
  oriented,
  panelOf,
  type Metric,
  type Over,
  type Panel,
  type SeedCurve,
} from './curve.js';
import { oscillationOf, type Oscillation } from './oscillation.js';
import { peakOf, runningBest, type Peak } from './peak.js';
import { saturationOf, type Saturation } from './saturation.js';
import { collapseBound, courseOf, type Course } from './state.js';
import { finiteOrNull, mean, type Interval } from './statistics.js';
import { tailOf, type Tail } from './tail.js';

/** Seeds and cycles from which on a claim about an arm is well founded. */
export const WANTED = { seeds: 16, cycles: 24 } as const;

export type CurvePoint = Readonly<{
  cycle: number;
  /** In the metric's unit, with its 95% band over seeds, or over the items of a single seed. */
  value: number | null;
  low: number | null;
  high: number | null;
  /** Best value so far, and by how much this one is worse. */
  runningBest: number | null;
  regret: number | null;
}>;

export type CurveName = 'proposal' | 'accepted';

/** One metric's curve. Changes, slopes and bounds of changes are positive where it got better; levels are in its unit. */
export type CurveEnvelope = Course &
  Readonly<{
    curve: CurveName;
    metric: Metric;
    seeds: number;
    points: readonly CurvePoint[];
    over: Over | null;
    change: Interval | null;
    collapseBound: number | null;
    peak: Peak | null;
    saturation: Saturation | null;
    tail: Tail | null;
    oscillation: Oscillation | null;
  }>;

/** Everything measured of one seed: each candidate's curve, and that of the champions. */
export type Measured = Readonly<{
  run: string;
  proposal: Readonly<{ capability: SeedCurve['points']; general: SeedCurve['points'] }>;
  accepted: Readonly<{ capability: SeedCurve['points']; general: SeedCurve['points'] }>;
  /** `meanCosine` of successive updates: below 0 where one goes back on the one before. */
  facts: Omit<RunFacts, 'run' | 'capability'> & Readonly<{ meanCosine: number | null }>;
}>;

export type Envelope = Readonly<{
  runs: readonly string[];
  /** One seed: what follows describes that run and says nothing about the arm. */
  descriptive: boolean;
  curves: readonly CurveEnvelope[];
  /** Mean over the runs of the cosine between one update and the next; below 0 they overshoot. */
  meanCosine: number | null;
  /** The accepted capability gained less than is of interest over the tail; null before there is a tail, or where nothing was proposed. */
  stalled: boolean | null;
  /** Empty unless stalled. */
  attribution: readonly Attribution[];
}>;

/** From larger = better back to the metric's unit. */
const inUnit = (metric: Metric, value: number): number | null => finiteOrNull(oriented(metric, value));

const pointsOf = (panel: Panel): readonly CurvePoint[] => {
  const { best, regret } = runningBest(meanCurve(panel));
  return panel.cycles.map((cycle, at) => {
    const { estimate, low, high } = bandAt(panel, at);
    const bounds = [low, high].map((bound) => (bound === null ? null : inUnit(panel.metric, bound)));
    const [first = null, second = null] = panel.metric.better === 'higher' ? bounds : bounds.reverse();
    return {
      cycle,
      value: inUnit(panel.metric, estimate),
      low: first,
      high: second,
      runningBest: inUnit(panel.metric, best[at] ?? NaN),
      regret: finiteOrNull(regret[at] ?? NaN),
    };
  });
};

const levelsInUnit = (metric: Metric, saturation: Saturation | null): Saturation | null => {
  if (saturation === null) return null;
  const level = (value: number | null): number | null => (value === null ? null : inUnit(metric, value));
  const ends = [level(saturation.limitLow), level(saturation.limitHigh)];
  const [limitLow = null, limitHigh = null] = metric.better === 'higher' ? ends : ends.reverse();
  const { limit, start } = saturation;
  return { ...saturation, limit: oriented(metric, limit), start: oriented(metric, start), limitLow, limitHigh };
};

const bandInUnit = (metric: Metric, tail: Tail | null): Tail | null => {
  if (tail === null) return null;
  const { centre, low, high } = tail.band;
  const ends = [oriented(metric, low), oriented(metric, high)];
  const [first = 0, second = 0] = metric.better === 'higher' ? ends : ends.reverse();
  return { ...tail, band: { centre: oriented(metric, centre), low: first, high: second } };
};

const overWhat = (panel: Panel): Over | null => {
  if (panel.rows.length > 1) return 'seeds';
  return panel.units[0]?.some((units) => units !== null) ? 'items' : null;
};

/** One metric of one curve over the seeds. Pure and total: too little of anything gives nulls and "inconclusive". */
export const curveEnvelope = (curve: CurveName, metric: Metric, seeds: readonly SeedCurve[]): CurveEnvelope => {
  const panel = panelOf(metric, seeds);
  const last = panel.cycles.length - 1;
  return {
    curve,
    metric,
    seeds: panel.rows.length,
    points: pointsOf(panel),
    over: overWhat(panel),
    change: last < 1 ? null : changeBetween(panel, 0, last),
    collapseBound: last < 0 ? null : finiteOrNull(collapseBound(panel)),
    peak: peakOf(panel),
    saturation: levelsInUnit(metric, saturationOf(panel)),
    tail: bandInUnit(metric, tailOf(panel)),
    oscillation: oscillationOf(panel),
    ...courseOf(panel),
  };
};

/** How much the accepted capability gained over the tail, beside what is of interest. */
const gainOverTail = (seeds: readonly SeedCurve[]): Readonly<{ gain: number; size: number; from: number }> | null => {
  const panel = panelOf(capability, seeds);
  const tail = tailOf(panel);
  if (tail === null) return null;
  const levels = meanCurve(panel);
  const from = panel.cycles.indexOf(tail.fromCycle);
  return { gain: (levels.at(-1) ?? 0) - (levels[from - 1] ?? 0), size: ofInterest(panel), from: tail.fromCycle };
};

/** What is needed to say that an arm stalls, and why. */
export type Stalling = Pick<Measured, 'run'> &
  Readonly<{ accepted: Pick<Measured['accepted'], 'capability'>; facts: Omit<RunFacts, 'run' | 'capability'> }>;

/** Whether the accepted capability stalls, and why it may. @param runs each once, in order */
export const stallOf = (runs: readonly Stalling[]): Pick<Envelope, 'stalled' | 'attribution'> => {
  const overTail = gainOverTail(runs.map(({ run, accepted }) => ({ run, points: accepted.capability })));
  const stalled = overTail && overTail.gain < overTail.size;
  if (!stalled) return { stalled, attribution: [] };
  const facts = runs.map(({ run, facts: each, accepted: champion }) => ({
    run,
    ...each,
    capability: champion.capability.at(-1)?.value ?? null,
  }));
  return { stalled, attribution: attribute(facts, overTail.from, overTail.size) };
};

/** An arm that is frozen stands where it began, and nothing has stopped it. */
const NO_STALL: ReturnType<typeof stallOf> = { stalled: null, attribution: [] };

const proposes = ({ proposal: { capability: points, general } }: Measured): boolean =>
  [...points, ...general].some(({ cycle }) => cycle > 0);

/** The convergence envelope of one arm: proposal and accepted curves apart, for capability and for general quality. */
export const envelopeOf = (given: readonly Measured[]): Envelope => {
  const runs = [...new Map(given.map((each) => [each.run, each])).values()].sort((a, b) => (a.run < b.run ? -1 : 1));
  const seedsOf = (curve: CurveName, of: 'capability' | 'general'): readonly SeedCurve[] =>
    runs.map((each) => ({ run: each.run, points: each[curve][of] }));
  const curves = (['proposal', 'accepted'] as const).flatMap((curve) => [
    curveEnvelope(curve, capability, seedsOf(curve, 'capability')),
    curveEnvelope(curve, generalQuality, seedsOf(curve, 'general')),
  ]);
  const cosines = runs.flatMap(({ facts: { meanCosine } }) => (meanCosine === null ? [] : meanCosine));
  return {
    runs: runs.map(({ run }) => run),
    descriptive: runs.length < 2,
    curves,
    meanCosine: cosines.length === 0 ? null : finiteOrNull(mean(cosines)),
    ...(runs.some(proposes) ? stallOf(runs) : NO_STALL),
  };
};
