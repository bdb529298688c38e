import type { Constitution } from './document.js';
import { eProcess } from './e-process.js';
import { alphaShare } from './judge.js';
import { thetaOf } from './paired-rule.js';
import type { PairedRule } from './rules.js';
import {
  noise,
  pairedRules,
  SimulatedGate,
  trueDifference,
  type Effect,
  type MeasuredMetric,
  type Shares,
} from './simulation.js';
import { count } from './wording.js';

/** Sizes and spreads to plan with before anything was measured; exploratory. */
export const plannedMetrics: readonly MeasuredMetric[] = [
  { metric: 'general-bits-per-byte', units: 160, sd: 0.03, referenceMean: 2.5 },
  { metric: 'calibration-brier', units: 160, sd: 0.008, referenceMean: 0.58 },
  { metric: 'capability', units: 160, sd: 0.025, referenceMean: 0.3 },
];

const settings = { simulations: 400, seed: 'power/1' };
type Settings = Partial<typeof settings>;

export type OperatingPoint = Effect & Shares & Readonly<{ k: number }>;
export type Grid = Readonly<{
  gainsPoints: readonly number[];
  degradationsPercent: readonly number[];
  ks: readonly number[];
}>;
export const defaultGrid: Grid = { gainsPoints: [0, 1, 2, 3], degradationsPercent: [0, 1, 2], ks: [1, 4, 8, 12] };

/**
 * Shares of ACCEPT, REJECT and INCONCLUSIVE over a grid of true effects, by running the judge itself on simulated
 * evidence (standard error at most 0.025 with 400 simulations). Alpha is shared equally, so every k up to kMax is judged
 * alike and shares its simulations.
 */
export const operatingCharacteristics = (
  constitution: Constitution,
  metrics: readonly MeasuredMetric[] = plannedMetrics,
  grid: Grid = defaultGrid,
  options: Settings = {},
): readonly OperatingPoint[] => {
  const { simulations, seed } = { ...settings, ...options };
  const gate = new SimulatedGate(constitution, metrics, simulations, seed);
  const { kMax } = constitution.alphaPlan;
  return grid.degradationsPercent.flatMap((degradationPercent) =>
    grid.gainsPoints.flatMap((gainPoints) => {
      const effect = { gainPoints, degradationPercent };
      const within = gate.shares(effect);
      return grid.ks.map((k) => ({ k, ...effect, ...(k <= kMax ? within : gate.shares(effect, k)) }));
    }),
  );
};

/** Units that settle a rule with the wanted probability: a quantile of the unit at which simulated readings pass. */
export const unitsForPower = (
  constitution: Constitution,
  rule: PairedRule,
  metric: MeasuredMetric,
  effect: Effect,
  options: Settings & { power?: number; mostUnits?: number } = {},
): number | null => {
  const { simulations, seed, power, mostUnits } = { ...settings, power: 0.8, mostUnits: 4_000, ...options };
  if (rule.kind === 'PROGRESS') return null;
  const theta = thetaOf(rule, metric.referenceMean);
  const mean = trueDifference(rule, effect, metric.referenceMean);
  const levels = { alpha: alphaShare(constitution), mirrorAlpha: constitution.alphaPlan.rejectAlpha };
  const passedAt = (simulation: number): number => {
    const source = noise(seed, metric.metric, simulation);
    const differences: number[] = [];
    for (let units = 32; ; units = units * 2) {
      while (differences.length < Math.min(units, mostUnits)) differences.push(mean + metric.sd * source.next().value);
      const process = eProcess({ differences, theta, largestLoss: rule.largestLoss, ...levels });
      if (process.outcome === 'pass') return process.unitsRead;
      if (process.outcome === 'fail' || units >= mostUnits) return Infinity;
    }
  };
  const passes = Array.from({ length: simulations }, (_, simulation) => passedAt(simulation)).sort((a, b) => a - b);
  const found = passes[Math.ceil(power * simulations) - 1] ?? Infinity;
  return Number.isFinite(found) ? found : null;
};

/** What a gate can tell apart. Null: nothing on the searched range (10 points, 5 percent). */
export type GateSight = Readonly<{
  /** Smallest gain that is accepted with 80% probability when nothing is lost. */
  smallestGainPoints: number | null;
  /** Largest degradation that is still accepted with 80% probability, at `hopefulGainPoints`. */
  largestDegradationAcceptedPercent: number | null;
  /** Degradations from here on are stopped (not accepted) with 80% probability or more, at `hopefulGainPoints`. */
  degradationStoppedPercent: number | null;
  /** Why no update of interest would be accepted, and what to change; null when the set-up makes sense. */
  hopeless: string | null;
}>;

const said = (figure: number | null, sentence: (figure: number) => string, otherwise: string): string =>
  figure === null ? otherwise : sentence(figure);

/** The same in words, for a person about to start a run. */
export const sightSentence = (sight: GateSight): string =>
  sight.hopeless ??
  [
    said(
      sight.smallestGainPoints,
      (points) => `This gate accepts a gain of ${points} points or more in at least 80% of cases`,
      'This gate accepts no gain up to 10 points in 80% of cases',
    ),
    said(
      sight.largestDegradationAcceptedPercent,
      (percent) => `lets a loss of general quality of up to ${percent}% pass as often`,
      'lets no loss of general quality pass as often',
    ),
    said(
      sight.degradationStoppedPercent,
      (percent) => `and stops a loss of ${percent}% or more in at least 80% of cases.`,
      'and stops no loss up to 5% in 80% of cases.',
    ),
  ].join(', ');

const wanted = 0.8;
const hopefulGainPoints = 3;

/** First index for which `holds`, which must be false below and true above it. */
const firstIndex = (count: number, holds: (index: number) => boolean): number | null => {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low < count ? low : null;
};

/** What this constitution sees with these suites, said before a run starts. */
export const whatTheGateSees = (
  constitution: Constitution,
  metrics: readonly MeasuredMetric[] = plannedMetrics,
  options: Settings = {},
): GateSight => {
  const { simulations, seed } = { ...settings, ...options };
  const gate = new SimulatedGate(constitution, metrics, simulations, seed);
  const accepted = (gainPoints: number, degradationPercent: number): number =>
    gate.shares({ gainPoints, degradationPercent }).accept;
  const gain = firstIndex(101, (tenths) => accepted(tenths / 10, 0) >= wanted);
  const tooMuch = firstIndex(101, (step) => accepted(hopefulGainPoints, step / 20) < wanted);
  const stopped = firstIndex(101, (step) => accepted(hopefulGainPoints, step / 20) <= 1 - wanted);
  return {
    smallestGainPoints: gain === null ? null : gain / 10,
    largestDegradationAcceptedPercent: tooMuch === null || tooMuch === 0 ? null : (tooMuch - 1) / 20,
    degradationStoppedPercent: stopped === null ? null : stopped / 20,
    hopeless: whyHopeless(constitution, metrics, options),
  };
};

/** Why no update of interest would be accepted, and what to change; null when the set-up makes sense. */
export const whyHopeless = (
  constitution: Constitution,
  metrics: readonly MeasuredMetric[] = plannedMetrics,
  options: Settings = {},
): string | null => {
  const { simulations, seed } = { ...settings, ...options };
  const gate = new SimulatedGate(constitution, metrics, simulations, seed);
  const { accept } = gate.shares({ gainPoints: hopefulGainPoints, degradationPercent: 0 });
  return accept >= 0.5 ? null : hopelessness(constitution, metrics, options);
};

const hopelessness = (constitution: Constitution, metrics: readonly MeasuredMetric[], options: Settings): string => {
  const effect = { gainPoints: hopefulGainPoints, degradationPercent: 0 };
  const advice = pairedRules(constitution).flatMap((rule) => {
    const metric = metrics.find((measured) => measured.metric === rule.metric);
    if (!metric) return [`${rule.rule}: nothing measures ${rule.metric}; add a suite for it or drop the rule`];
    const needed = unitsForPower(constitution, rule, metric, effect, options);
    if (rule.kind === 'PROGRESS' || (needed !== null && needed <= metric.units)) return [];
    const have = `${rule.rule}: ${count(rule, metric.units)} with a spread of ${metric.sd}`;
    return needed === null
      ? [`${have} will not do, nor will ${count(rule, 4_000)}; widen the margin or largestLoss, or lower kMax`]
      : [`${have} are too few; about ${needed} are needed, or a wider margin, or a lower kMax`];
  });
  return `An update that gains ${hopefulGainPoints} points and loses nothing would be accepted in fewer than half of all cases. ${advice.join('. ')}.`;
};
