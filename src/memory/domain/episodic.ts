import { planSequences, type Mix, type Origin } from '#corpus/domain/batches.js';
import { acceptedIn } from '#run/domain/alarm.js';
import type { RunConfig } from '#run/domain/config.js';
import { cycleOf, type Started } from '#run/domain/run.js';
import { baseMix, updateMix } from '#run/domain/training-mix.js';

const PPM = 1_000_000;

/** By domain, the sequences that are remembered of it. A domain of which there is none is not named. */
export type Reservoirs = Readonly<Record<string, readonly Origin[]>>;

type Ranked = Origin & Readonly<{ rank: number }>;

/**
 * The updates that made a champion, the base included, earliest first: what it has learnt from. Of an update that was
 * rejected, and of one that a rollback left, it knows nothing.
 */
export const updatesBehind = (run: Started, champion: string, before: number): readonly Mix[] => {
  const mixes: Mix[] = [];
  // An update may give the very weights that it began from.
  for (let at = acceptedIn(run, champion, before); at?.proposal;) {
    const trained = at.interpolated ? cycleOf(run, at.interpolated.parentCycle) : at;
    if (trained.proposal?.batches) mixes.unshift(updateMix(run.config, trained.proposal));
    at = acceptedIn(run, at.proposal.champion, at.cycle);
  }
  return run.config.base.kind === 'train' ? [baseMix(run.config), ...mixes] : mixes;
};

const byRank = (a: Ranked, b: Ranked): number => a.rank - b.rank || a.cycle - b.cycle || a.index - b.index;

/**
 * A uniform sample, without repetition, of the new sequences of these updates: in every domain those with the lowest of the
 * ranks that each draws once. Which ones does not depend on the order of the updates.
 */
export const sampleOf = (mixes: readonly Mix[], domains: readonly string[], most: number): Reservoirs => {
  const kept = new Map<string, Ranked[]>(domains.map((name) => [name, []]));
  for (const mix of mixes) {
    for (const { index, domain, replayed, word } of planSequences(mix)) {
      if (!replayed) kept.get(domain)?.push({ cycle: mix.cycle, index, rank: word });
    }
    for (const ranked of kept.values()) ranked.sort(byRank).splice(most);
  }
  const held = [...kept].filter(([, ranked]) => ranked.length > 0);
  return Object.fromEntries(held.map(([name, ranked]) => [name, ranked.map(({ cycle, index }) => ({ cycle, index }))]));
};

/** What is remembered: domains that can be forgotten and count. General text is replayed anyway, and there is more of it. */
const memorable = ({ targets, texts, general }: RunConfig): readonly string[] =>
  [...targets, ...texts].filter((name) => name !== general);

/** What a cycle that begins from this champion may replay; undefined where the run has no such memory. */
export const rememberedAt = (run: Started, champion: string, cycle: number): Reservoirs | undefined => {
  const { episodic } = run.config.memory;
  if (!episodic) return undefined;
  const mixes = updatesBehind(run, champion, cycle);
  return sampleOf(mixes, memorable(run.config), episodic.sequencesPerDomain);
};

/** What replayed sequences are drawn from: every remembered domain has an equal part of the memory's share. */
export const replayWeights = (
  { general, memory }: Pick<RunConfig, 'general' | 'memory'>,
  remembered: Reservoirs,
): Readonly<Record<string, number>> => {
  const names = Object.keys(remembered);
  const each = names.length === 0 ? 0 : Math.floor((memory.episodic?.sharePpm ?? 0) / names.length);
  return { ...Object.fromEntries(names.map((name) => [name, each])), [general]: PPM - each * names.length };
};

export const countOf = (remembered: Reservoirs): number =>
  Object.values(remembered).reduce((sum, origins) => sum + origins.length, 0);
