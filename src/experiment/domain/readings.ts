import type { Point } from './curve.js';
import { factsOf, type Fact, type FactOf } from './fact.js';
import type { UnitValues } from './unit-values.js';

/** `report`: the sealed suite that one look opened at the end; `gate`: the items that each verdict was reached on. */
export const SOURCES = ['report', 'gate'] as const;
export type Source = (typeof SOURCES)[number];

type Reading = Omit<Point, 'cycle'>;
export type Readings = Readonly<{ capability: Reading | undefined; general: Reading | undefined }>;
export type UnitsOf = (results: string) => UnitValues | undefined;

type Probe = FactOf<'probe'>;

const reading = (value: number | null, units: readonly number[] | undefined): Reading => ({
  value,
  units: units && units.length > 0 && units.every(Number.isFinite) ? units : null,
});

export const anchorOf = (facts: readonly Fact[]): string | undefined => factsOf(facts, 'champion')[0]?.checkpoint;

/** Whether the look has been taken at every checkpoint it was opened for. */
export const isReported = (facts: readonly Fact[]): boolean => {
  const seen = new Set(
    factsOf(facts, 'probe').flatMap(({ role, checkpoint }) => (role === 'report' ? checkpoint : [])),
  );
  const [look] = factsOf(facts, 'look');
  return look !== undefined && look.checkpoints.every((checkpoint) => seen.has(checkpoint));
};

const onReport = (facts: readonly Fact[], unitsOf: UnitsOf): ReadonlyMap<string, Readings> =>
  new Map(
    factsOf(facts, 'probe')
      .filter(({ role }) => role === 'report')
      .map(({ checkpoint, capability, general, results }) => {
        const units = unitsOf(results);
        return [
          checkpoint,
          { capability: reading(capability, units?.blocks), general: reading(general, units?.documents) },
        ];
      }),
  );

/** What the anchor scores on the documents of the first cycle: the level that all changes start from. */
const startLevel = (probes: readonly Probe[]): number | null =>
  probes.find(({ role, subject }) => role === 'gate' && subject === 'anchor')?.general ?? null;

/**
 * Bits per byte on the documents that a cycle's candidate drew, less what the anchor scores on the very same, plus the
 * anchor's level in the first cycle: easy and hard documents fall out.
 */
const generalOnGate = (
  probes: readonly Probe[],
  cycle: number,
  level: number | null,
  unitsOf: UnitsOf,
): Reading | undefined => {
  const find = (subject: string): Probe | undefined =>
    probes.find((probe) => probe.cycle === cycle && probe.role === 'gate' && probe.subject === subject);
  const [own, anchor] = [find('candidate'), find('anchor')];
  if (!own || !anchor || level === null || anchor.general === null) return undefined;
  if (own.general === null) return { value: null, units: null };
  const [mine, theirs] = [unitsOf(own.results)?.documents, unitsOf(anchor.results)?.documents];
  const units =
    mine && theirs?.length === mine.length ? mine.map((bits, at) => bits - (theirs[at] ?? NaN) + level) : undefined;
  return reading(own.general - anchor.general + level, units);
};

const onGate = (facts: readonly Fact[], unitsOf: UnitsOf): ReadonlyMap<string, Readings> => {
  const probes = factsOf(facts, 'probe');
  const level = startLevel(probes);
  const read = new Map<string, Readings>();
  const capabilityOf = (probe: Probe | undefined): Reading | undefined =>
    probe && reading(probe.capability, unitsOf(probe.results)?.blocks);
  const anchor = anchorOf(facts);
  if (anchor !== undefined) {
    const asChampion = probes.find((probe) => probe.role === 'shadow' && probe.checkpoint === anchor);
    const documents = unitsOf(probes.find(({ role }) => role === 'gate')?.results ?? '')?.documents.length ?? 0;
    const general =
      level === null
        ? undefined
        : reading(
            level,
            Array.from({ length: documents }, () => level),
          );
    read.set(anchor, { capability: capabilityOf(asChampion), general });
  }
  for (const { cycle, candidate } of factsOf(facts, 'update')) {
    if (cycle === 0 || read.has(candidate)) continue;
    const own = probes.find(
      (probe) => probe.cycle === cycle && probe.role === 'shadow' && probe.subject === 'candidate',
    );
    read.set(candidate, { capability: capabilityOf(own), general: generalOnGate(probes, cycle, level, unitsOf) });
  }
  return read;
};

/** What each checkpoint of a run scores, by its hash. */
export const readingsOf = (facts: readonly Fact[], source: Source, unitsOf: UnitsOf): ReadonlyMap<string, Readings> =>
  source === 'report' ? onReport(facts, unitsOf) : onGate(facts, unitsOf);

/** Artifacts with the items' results that a source needs. */
export const resultsNeeded = (facts: readonly Fact[], source: Source): readonly string[] => {
  const ofSource = ({ role, subject }: Probe): boolean =>
    source === 'report' ? role === 'report' : role === 'gate' || (role === 'shadow' && subject !== 'anchor');
  return [
    ...new Set(
      factsOf(facts, 'probe')
        .filter(ofSource)
        .map(({ results }) => results),
    ),
  ];
};
