import {
  allocate,
  initialAllocation,
  observeScoutLosses,
  type AllocatedDomain,
} from '#allocation/domain/allocation.js';
import { kendall } from './kendall.js';
import { mean } from './statistics.js';

/** Policies that rank domains; the others have no score to rank by. */
export const RANKING_POLICIES = ['learning-progress', 'uncertainty'] as const;
export type RankingPolicy = (typeof RANKING_POLICIES)[number];

/** What a cycle's update gains when all of its tasks are of one domain, on items that no policy reads. */
export type DomainGain = AllocatedDomain &
  Readonly<{
    /** Loss taken off that domain, as a share of its entropy: what the scores are in. */
    own: number;
    /** The same on one half of the items, and on the other. */
    halves: readonly [number, number];
    /** Capability gained over all targets, in points. */
    capability: number;
  }>;

/** Scout losses of the champion of every cycle, and the gains of those that were looked into. */
export type RankedRun = Readonly<{
  run: string;
  scouts: readonly Readonly<{ cycle: number; lossesNats: Readonly<Record<string, number>> }>[];
  cycles: readonly Readonly<{ cycle: number; gains: readonly DomainGain[] }>[];
}>;

/** Ranked by what: the gain in the domain itself, or in the capability that the run is after. */
export const MEASURES = ['own', 'capability'] as const;
export type Measure = (typeof MEASURES)[number];

export type CycleTau = Readonly<{ cycle: number; tau: number | null; above: number | null }>;
export type Ranking = Readonly<{
  run: string;
  policy: RankingPolicy;
  measure: Measure;
  /** Mean over the cycles that have one; null where none has. */
  tau: number | null;
  cycles: readonly CycleTau[];
}>;

/** The scores that a policy would have given before a cycle, whatever policy the run had. */
export const scoresAt = (
  { scouts }: Pick<RankedRun, 'scouts'>,
  policy: RankingPolicy,
  domains: readonly AllocatedDomain[],
  cycle: number,
): Readonly<Record<string, number>> => {
  const names = new Set(domains.map(({ name }) => name));
  const seen = scouts
    .filter((scout) => scout.cycle <= cycle)
    .sort((a, b) => a.cycle - b.cycle)
    .map(({ lossesNats }) => Object.fromEntries(Object.entries(lossesNats).filter(([name]) => names.has(name))));
  return allocate(policy, domains, seen.reduce(observeScoutLosses, initialAllocation)).scores;
};

const meanTau = (cycles: readonly Readonly<{ tau: number | null }>[]): number | null => {
  const there = cycles.flatMap(({ tau }) => (tau === null ? [] : tau));
  return there.length === 0 ? null : mean(there);
};

/** Whether the scores of each policy rank a run's domains by what they would have gained: Kendall's tau-b, cycle by cycle. */
export const rankingsOf = (ranked: RankedRun): readonly Ranking[] =>
  RANKING_POLICIES.flatMap((policy) =>
    MEASURES.map((measure) => {
      const cycles = ranked.cycles.map(({ cycle, gains }) => {
        const scores = scoresAt(ranked, policy, gains, cycle);
        const tau = kendall(
          gains.map(({ name }) => scores[name] ?? 0),
          gains.map((gain) => gain[measure]),
        );
        return { cycle, ...tau };
      });
      return { run: ranked.run, policy, measure, tau: meanTau(cycles), cycles };
    }),
  );

/** How well one half of the items ranks the gains as the other does: what noise leaves for any score to reach. */
export const agreementOf = ({ cycles }: RankedRun): number | null =>
  meanTau(
    cycles.map(({ gains }) =>
      kendall(
        gains.map(({ halves: [first] }) => first),
        gains.map(({ halves: [, second] }) => second),
      ),
    ),
  );
