import { Z_975 } from './elementary.js';
import { factsOf, type Fact, type FactOf } from './fact.js';
import { mean, variance } from './statistics.js';
import type { UnitsOf } from './readings.js';

/**
 * How much better a candidate looked at the gate than on the sealed report, in one metric: its gain over the same reference
 * (capability: the champion it began from; general quality: the anchor) on either suite. Above 0, the gate flattered it.
 */
export type Optimism = Readonly<{
  cycle: number;
  candidate: string;
  verdict: string | null;
  metric: 'capability' | 'general-bits-per-byte';
  reference: string;
  gateGain: number;
  reportGain: number;
  gap: number;
  /** 95% interval of the gap over the items of both suites. */
  gapLow: number | null;
  gapHigh: number | null;
}>;

type Probe = FactOf<'probe'>;
type Values = readonly number[] | undefined;

const errorOf = (own: Values, other: Values): number | null => {
  if (!own || !other || own.length !== other.length || own.length < 2) return null;
  const error = variance(own.map((value, unit) => value - (other[unit] ?? NaN))) / own.length;
  return Number.isFinite(error) ? error : null;
};

type Sides = Readonly<{ gate: readonly [Probe, Probe]; report: readonly [Probe, Probe] }>;

/** Candidate first, reference second. */
const compare = (sides: Sides, metric: Optimism['metric'], unitsOf: UnitsOf) => {
  const [field, kind, sign] =
    metric === 'capability' ? (['capability', 'blocks', 1] as const) : (['general', 'documents', -1] as const);
  const gainOf = ([own, other]: readonly [Probe, Probe]): number | null => {
    const [mine, theirs] = [own[field], other[field]];
    return mine === null || theirs === null ? null : sign * (mine - theirs);
  };
  const [gateGain, reportGain] = [gainOf(sides.gate), gainOf(sides.report)];
  if (gateGain === null || reportGain === null) return undefined;
  const errors = [sides.gate, sides.report].map(([own, other]) =>
    errorOf(unitsOf(own.results)?.[kind], unitsOf(other.results)?.[kind]),
  );
  const gap = gateGain - reportGain;
  const half = errors.includes(null) ? null : Z_975 * Math.sqrt(mean(errors as number[]) * 2);
  return {
    gateGain,
    reportGain,
    gap,
    gapLow: half === null ? null : gap - half,
    gapHigh: half === null ? null : gap + half,
  };
};

const METRICS = [
  { metric: 'capability', role: 'shadow', reference: 'champion' },
  { metric: 'general-bits-per-byte', role: 'gate', reference: 'anchor' },
] as const;

/** Every candidate of which both are measured, in the order of the cycles; none before the look. */
export const optimismOf = (facts: readonly Fact[], unitsOf: UnitsOf): readonly Optimism[] => {
  const probes = factsOf(facts, 'probe');
  const reported = new Map(probes.filter(({ role }) => role === 'report').map((probe) => [probe.checkpoint, probe]));
  const verdicts = new Map(factsOf(facts, 'verdict').map(({ cycle, verdict }) => [cycle, verdict]));
  const updates = factsOf(facts, 'update').filter(({ cycle }) => cycle > 0);
  return updates.flatMap(({ cycle, candidate }) =>
    METRICS.flatMap(({ metric, role, reference }) => {
      const find = (subject: string): Probe | undefined =>
        probes.find((probe) => probe.cycle === cycle && probe.role === role && probe.subject === subject);
      const [own, other] = [find('candidate'), find(reference)];
      const [ownReport, otherReport] = [reported.get(candidate), reported.get(other?.checkpoint ?? '')];
      if (!own || !other || !ownReport || !otherReport) return [];
      const compared = compare({ gate: [own, other], report: [ownReport, otherReport] }, metric, unitsOf);
      const verdict = verdicts.get(cycle) ?? null;
      return compared ? [{ cycle, candidate, verdict, metric, reference: other.checkpoint, ...compared }] : [];
    }),
  );
};
