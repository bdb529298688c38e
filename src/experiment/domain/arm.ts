import type { RunConfig } from '#run/domain/config.js';
import type { CycleFacts } from './attribution.js';
import type { Measured } from './envelope.js';
import { factsOf, type Fact } from './fact.js';
import { anchorOf, readingsOf, type Readings, type Source, type UnitsOf } from './readings.js';
import type { Point } from './curve.js';

const PPM = 1_000_000;

/** The champion at the end of every cycle that was closed or is under way: what the next one begins from. */
const championsByCycle = (facts: readonly Fact[]): ReadonlyMap<number, string> => {
  const champions = new Map<number, string>();
  let [cycle, champion]: [number, string | undefined] = [0, undefined];
  for (const fact of facts) {
    if (fact.kind === 'proposal') cycle = fact.cycle;
    if (fact.kind === 'champion') champion = fact.checkpoint;
    if (champion !== undefined) champions.set(cycle, champion);
  }
  return champions;
};

/** The last cycle has said what its champion is once it is judged, or the run has come to its look. */
const closedCycles = (facts: readonly Fact[]): ReadonlySet<number> => {
  const last = Math.max(0, ...factsOf(facts, 'proposal').map(({ cycle }) => cycle));
  const judged = factsOf(facts, 'verdict').map(({ cycle }) => cycle);
  const before = Array.from({ length: last }, (_, cycle) => cycle);
  return new Set([0, ...before, ...judged, ...(factsOf(facts, 'look').length > 0 ? [last] : [])]);
};

/** The champion after every cycle that has said what it is. */
export const acceptedByCycle = (facts: readonly Fact[]): ReadonlyMap<number, string> => {
  const closed = closedCycles(facts);
  return new Map([...championsByCycle(facts)].filter(([cycle]) => closed.has(cycle)));
};

type Curve = Measured['proposal'];

const curveOf = (checkpoints: ReadonlyMap<number, string>, readings: ReadonlyMap<string, Readings>): Curve => {
  const points = (of: keyof Readings): readonly Point[] =>
    [...checkpoints].flatMap(([cycle, checkpoint]) => {
      const reading = readings.get(checkpoint)?.[of];
      return reading ? [{ cycle, ...reading }] : [];
    });
  return { capability: points('capability'), general: points('general') };
};

/** Updates whose loss was not finite have no candidate; the curve says that there was one. */
const withDiverged = (curve: Curve, facts: readonly Fact[]): Curve => ({
  ...curve,
  general: [
    ...curve.general,
    ...factsOf(facts, 'diverged')
      .filter(({ cycle }) => cycle > 0)
      .map(({ cycle }) => ({ cycle, value: null, units: null })),
  ],
});

/**
 * How often the most used text was read in training, replay and the base included: bytes read of each corpus by the
 * bytes of its training split. Generated tasks are new every time.
 */
const epochsOf = (
  facts: readonly Fact[],
  config: RunConfig,
  trainBytes: ReadonlyMap<string, number>,
): number | null => {
  const proposals = new Map(factsOf(facts, 'proposal').map((fact) => [fact.cycle, fact]));
  const read = new Map<string, number>();
  const add = (corpus: string, bytes: number): void => void read.set(corpus, (read.get(corpus) ?? 0) + bytes);
  for (const { cycle, tokens } of factsOf(facts, 'update')) {
    if (cycle === 0 && config.base.kind === 'train') add(config.general, tokens * (1 - config.base.taskPpm / PPM));
    const proposal = proposals.get(cycle);
    if (!proposal) continue;
    const replayed = tokens * (proposal.replayPpm / PPM);
    const mix = Object.entries(proposal.replayWeightsPpm ?? { [config.general]: PPM });
    for (const [domain, ppm] of mix) add(domain, replayed * (ppm / PPM));
    for (const [domain, ppm] of Object.entries(proposal.weightsPpm)) add(domain, (tokens - replayed) * (ppm / PPM));
  }
  const epochs = [...read].flatMap(([domain, bytes]) => {
    const size = trainBytes.get(domain);
    return size ? [bytes / size] : [];
  });
  return epochs.length === 0 ? null : Math.max(...epochs);
};

const cyclesOf = (facts: readonly Fact[]): readonly CycleFacts[] => {
  const heldBack = new Set(factsOf(facts, 'held-back').flatMap(({ rejected }) => rejected));
  return factsOf(facts, 'verdict').map(({ kind: _kind, ...judged }) => {
    return { ...judged, heldBack: heldBack.has(judged.cycle) };
  });
};

const cosineOf = (facts: readonly Fact[]): number | null => {
  const values = factsOf(facts, 'cosine').flatMap(({ value }) => value ?? []);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
};

export type ArmSources = Readonly<{
  source: Source;
  unitsOf: UnitsOf;
  /** Bytes of the training split of each corpus. */
  trainBytes: ReadonlyMap<string, number>;
}>;

/** Everything the envelope needs to know of one run, from the facts of its events in their order. */
export const measuredOf = (
  facts: readonly Fact[],
  { source, unitsOf, trainBytes }: ArmSources,
): Measured | undefined => {
  const [start] = factsOf(facts, 'start');
  if (!start) return undefined;
  const readings = readingsOf(facts, source, unitsOf);
  const anchor = anchorOf(facts);
  const updates = factsOf(facts, 'update').filter(({ cycle }) => cycle > 0);
  const candidates = new Map([
    ...(anchor === undefined ? [] : [[0, anchor] as const]),
    ...updates.map(({ cycle, candidate }) => [cycle, candidate] as const),
  ]);
  return {
    run: start.config.run,
    proposal: withDiverged(curveOf(candidates, readings), facts),
    accepted: curveOf(acceptedByCycle(facts), readings),
    facts: {
      cycles: cyclesOf(facts),
      epochs: epochsOf(facts, start.config, trainBytes),
      meanCosine: cosineOf(facts),
    },
  };
};

/** What runs of one arm have in common; the seed and what is named after the run may differ. */
export const TREATMENT = [
  'arm',
  'model',
  'sequence',
  'general',
  'texts',
  'targets',
  'distractors',
  'policy',
  'regimes',
  'evaluation',
  'memory',
] as const satisfies readonly (keyof RunConfig)[];

/** The first setting in which two runs are not of one arm; undefined when they are. */
export const differingSetting = (a: RunConfig, b: RunConfig): string | undefined =>
  TREATMENT.find((setting) => JSON.stringify(a[setting]) !== JSON.stringify(b[setting]));
