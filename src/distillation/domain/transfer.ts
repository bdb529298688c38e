import { mcnemar } from '#experiment/domain/mcnemar.js';
import { pairedT, type Tested } from '#experiment/domain/paired.js';
import { documentValues, type SequenceResult, type Unit } from '#suite/domain/items.js';
import { familyOrder } from './inputs.js';
import type { DistillationConfig } from './config.js';
import type { Comparison, Downstream } from './events.js';

/** What is compared beside each family by itself. */
export const ALL_FAMILIES = 'all-families';
export const GENERAL = 'general-bits-per-byte';

type Examined = Readonly<{
  /** By family, then item: whether all bytes of its answer were given. */
  exact: ReadonlyMap<string, readonly boolean[]>;
  nllNats: ReadonlyMap<string, number>;
  /** Bits per byte of each document. */
  documents: readonly number[];
}>;

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const mean = (values: readonly number[]): number => sum(values) / values.length;
const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

/**
 * Greedy decoding writes an answer exactly where, after each right beginning of it, the most likely byte is the right next
 * one: it goes wrong at the first byte where that fails and nowhere before. So the scores of one pass over the whole answer
 * say whether it would have been generated.
 */
const isExact = ({ scored, correct }: SequenceResult): boolean => scored > 0 && correct === scored;

export const examined = (
  config: DistillationConfig,
  units: readonly Unit[],
  results: readonly SequenceResult[],
): Examined => {
  const blocks = units.filter(({ kind }) => kind === 'block');
  const ofFamily = (place: number): readonly SequenceResult[] =>
    blocks.map(({ sequences }) => results[sequences[place] ?? -1] as SequenceResult);
  const families = familyOrder(config).map((name, place) => [name, ofFamily(place)] as const);
  return {
    exact: new Map(families.map(([name, own]) => [name, own.map(isExact)])),
    nllNats: new Map(families.map(([name, own]) => [name, mean(own.map(({ nllNats }) => nllNats ?? NaN))])),
    documents: documentValues(units, results).map(({ value }) => value),
  };
};

const ones = (exact: readonly boolean[]): readonly number[] => exact.map((right) => (right ? 1 : 0));

/** Mean over the families of each block: the block is the unit, since its sequences are asked together. */
const blockMeans = ({ exact }: Examined): readonly number[] => {
  const columns = [...exact.values()].map(ones);
  return (columns[0] ?? []).map((_, at) => mean(columns.map((column) => column[at] as number)));
};

/** Figures of one checkpoint: what it gives exactly, how likely it finds the answers, and what text costs it. */
export const downstreamOf = (found: Examined): Omit<Downstream, 'results'> => ({
  families: Object.fromEntries(
    [...found.exact].map(([name, exact]) => [
      name,
      { items: exact.length, exact: sum(ones(exact)), nllNatsMean: finite(found.nllNats.get(name) ?? NaN) },
    ]),
  ),
  exactMean: mean(blockMeans(found)),
  generalBitsPerByte: finite(mean(found.documents)),
});

type Measure = Pick<Comparison, 'measure' | 'unit' | 'test'> & Readonly<{ differences: readonly number[] }>;

const apart = (one: readonly number[], other: readonly number[], scale: number): readonly number[] =>
  one.map((value, at) => scale * (value - (other[at] as number)));

const measuresOf = (arm: Examined, against: Examined): readonly Measure[] => [
  ...[...arm.exact].map(([measure, exact]) => ({
    measure,
    unit: 'points' as const,
    test: 'mcnemar' as const,
    differences: apart(ones(exact), ones(against.exact.get(measure) ?? []), 100),
  })),
  {
    measure: ALL_FAMILIES,
    unit: 'points',
    test: 'paired-t',
    differences: apart(blockMeans(arm), blockMeans(against), 100),
  },
  {
    measure: GENERAL,
    unit: 'percent',
    test: 'paired-t',
    differences: apart(against.documents, arm.documents, 100 / mean(against.documents)),
  },
];

/** p-values of one student being better and of its being worse, of single items: exactly, by those gained and lost. */
const exactSides = (differences: readonly number[]): Readonly<{ above: number; below: number }> => {
  const [gained, lost] = [1, -1].map((sign) => differences.filter((one) => sign * one > 0).length) as [number, number];
  const { above, below } = mcnemar(gained, lost);
  return { above, below };
};

type Said = Pick<Tested, 'estimate' | 'low' | 'high' | 'above' | 'below' | 'within'>;
type Unsaid = Readonly<{ why: 'zeroVariance' | 'notFinite' }>;

const testedOf = ({ test, differences }: Measure, share: number, sesoi: number): Said | Unsaid => {
  if (!differences.every(Number.isFinite)) return { why: 'notFinite' };
  const byT = pairedT(differences, share, sesoi);
  if (test === 'paired-t') return 'why' in byT ? { why: 'zeroVariance' } : byT;
  const sides = exactSides(differences);
  if (!('why' in byT)) return { ...byT, ...sides };
  // Items that all change alike give a t test nothing to say, and the exact one its clearest case.
  const estimate = differences[0] ?? NaN;
  return { estimate, low: null, high: null, ...sides, within: Math.abs(estimate) < sesoi ? 0 : 1 };
};

const outcomeAt = (
  share: number,
  { above, below, within }: Readonly<{ above: number; below: number; within: number }>,
): Comparison['outcome'] => {
  // A difference that is shown to be smaller than what is of interest is none.
  if (within <= share) return 'equivalent';
  if (2 * above <= share) return 'superior';
  return 2 * below <= share ? 'inferior' : 'inconclusive';
};

/**
 * A student against the one that nobody taught, item by item: of these two checkpoints, not yet of the treatment, for which
 * seeds are the units. Alpha is shared equally by everything that is said of a seed.
 */
export const compareStudents = (
  { arms, evaluation }: DistillationConfig,
  arm: Examined,
  against: Examined,
): readonly Comparison[] => {
  const measures = measuresOf(arm, against);
  const share = evaluation.alpha / (measures.length * (arms.length - 1));
  return measures.map((one) => {
    const { differences, ...named } = one;
    const sesoi = one.unit === 'points' ? evaluation.sesoiPoints : evaluation.sesoiPercent;
    const common = { ...named, sesoi, n: differences.length };
    const tested = testedOf(one, share, sesoi);
    if ('why' in tested)
      return { ...common, outcome: 'inconclusive', why: tested.why, estimate: null, interval: null, p: null };
    const { estimate, low, high, above, below, within } = tested;
    const p = { above, below, within };
    const outcome = outcomeAt(share, p);
    return {
      ...common,
      outcome,
      why: outcome === 'inconclusive' ? 'undecided' : null,
      estimate,
      interval: { level: 1 - share, low, high },
      p,
    };
  });
};
