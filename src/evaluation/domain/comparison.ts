/** Name of the third evaluator, whose comparison stands beside the shadow's. */
export const REFERENCE_EVALUATOR = 'reference';

/** How far two evaluators that share no code may differ on the same weights and items. */
export type Tolerance = Readonly<{
  /** max|dlogit| <= logit (1 + max|logit|) */
  logit: number;
  nllNatsPerByte: number;
  /** Least share of positions with the same most likely byte. */
  top1Agreement: number;
}>;

export const DEFAULT_TOLERANCE: Tolerance = { logit: 1e-4, nllNatsPerByte: 1e-5, top1Agreement: 0.999 };

/** Why two evaluators are not taken to agree; the figures stand in `approx`. */
export const DISAGREEMENTS = [
  'no-items',
  'shapes-differ',
  'logit-not-finite',
  'loss-not-finite',
  'logits-differ',
  'losses-differ',
  'most-likely-bytes-differ',
  'scored-positions-differ',
  'right-answers-differ',
] as const;
export type Disagreement = (typeof DISAGREEMENTS)[number];

export type Comparison = Readonly<{
  agreed: boolean;
  /** Why not; empty when agreed. */
  reasons: readonly Disagreement[];
  items: number;
  tolerance: Tolerance;
  /**
   * Floats that faithful executions may differ in, left out where not finite: `maxAbsLogitDiff`, `maxAbsLogit`,
   * `nllDiffNatsPerByte` (sum over the items of |difference|, by scored position: differences cannot cancel) and
   * `top1Agreement` (share of all positions).
   */
  approx: Readonly<Record<string, number>>;
}>;

/** What one evaluator says of the compared items; logits are items x positions x vocabulary. */
export type Side = Readonly<{
  nllNats: Float64Array;
  scored: Uint32Array;
  correct: Uint32Array;
  logits: Float32Array;
}>;

/** NaN where a value was not finite. */
type Figures = Readonly<{
  maxAbsLogitDiff: number;
  maxAbsLogit: number;
  nllDiffNatsPerByte: number;
  top1Agreement: number;
}>;

/** Spread over residues, so that no family of items that comes at a fixed stride is left out. */
const SPREAD = 7;

/**
 * Which items of a suite both evaluators score: one of every `every`, by index alone, so that nobody chooses.
 * The first item is always one of them.
 */
export const sharedItems = (count: number, every: number): readonly number[] => {
  if (!Number.isInteger(every) || every < 1) throw new RangeError(`share: every ${every}, must be a positive integer`);
  const groups = Math.ceil(count / every);
  const chosen = Array.from({ length: groups }, (_, group) => group * every + ((group * SPREAD) % every));
  return chosen.filter((index) => index < count);
};

/** NaN as soon as a value is not finite. */
const largest = (values: Float32Array): number => {
  let max = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i] ?? NaN);
    if (!Number.isFinite(size)) return NaN;
    if (size > max) max = size;
  }
  return max;
};

const largestDifference = (a: Float32Array, b: Float32Array): number => {
  let max = 0;
  for (let i = 0; i < a.length; i++) {
    const size = Math.abs((a[i] ?? NaN) - (b[i] ?? NaN));
    if (!Number.isFinite(size)) return NaN;
    if (size > max) max = size;
  }
  return max;
};

const argmax = (logits: Float32Array, start: number, vocab: number): number => {
  let best = start;
  for (let i = start + 1; i < start + vocab; i++) if ((logits[i] ?? NaN) > (logits[best] ?? NaN)) best = i;
  return best - start;
};

/** Positions whose most likely byte differs. */
const flips = (a: Float32Array, b: Float32Array, vocab: number): number => {
  let differing = 0;
  for (let start = 0; start < a.length; start += vocab)
    if (argmax(a, start, vocab) !== argmax(b, start, vocab)) differing += 1;
  return differing;
};

const total = (values: Iterable<number>): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
};

const absoluteDifference = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  total(Array.from(a, (value, at) => Math.abs(value - (b[at] ?? NaN))));

const finiteOnly = (figures: Figures): Readonly<Record<string, number>> =>
  Object.fromEntries(Object.entries(figures).filter(([, value]) => Number.isFinite(value)));

/** Compares two evaluators on the same items, item by item and position by position. A value that is not finite disagrees. */
export const compareEvaluators = (
  primary: Side,
  shadow: Side,
  { vocab, tolerance = DEFAULT_TOLERANCE }: Readonly<{ vocab: number; tolerance?: Tolerance }>,
): Comparison => {
  const items = primary.nllNats.length;
  const refused = (reason: Disagreement): Comparison => ({
    agreed: false,
    reasons: [reason],
    items,
    tolerance,
    approx: {},
  });
  if (items === 0) return refused('no-items');
  if (shadow.nllNats.length !== items || shadow.logits.length !== primary.logits.length)
    return refused('shapes-differ');
  const positions = primary.logits.length / vocab;
  const differing = flips(primary.logits, shadow.logits, vocab);
  const figures: Figures = {
    maxAbsLogitDiff: largestDifference(primary.logits, shadow.logits),
    maxAbsLogit: Math.max(largest(primary.logits), largest(shadow.logits)),
    nllDiffNatsPerByte: absoluteDifference(primary.nllNats, shadow.nllNats) / total(primary.scored),
    top1Agreement: 1 - differing / positions,
  };
  const reasons = [...outsideTolerance(figures, tolerance), ...countsDiffer(primary, shadow, differing)];
  return { agreed: reasons.length === 0, reasons, items, tolerance, approx: finiteOnly(figures) };
};

const outsideTolerance = (figures: Figures, tolerance: Tolerance): readonly Disagreement[] => {
  const { maxAbsLogitDiff, maxAbsLogit, nllDiffNatsPerByte, top1Agreement } = figures;
  if (!Number.isFinite(maxAbsLogitDiff) || !Number.isFinite(maxAbsLogit)) return ['logit-not-finite'];
  if (!Number.isFinite(nllDiffNatsPerByte)) return ['loss-not-finite'];
  const reasons: Disagreement[] = [];
  if (maxAbsLogitDiff > tolerance.logit * (1 + maxAbsLogit)) reasons.push('logits-differ');
  if (nllDiffNatsPerByte > tolerance.nllNatsPerByte) reasons.push('losses-differ');
  if (top1Agreement < tolerance.top1Agreement) reasons.push('most-likely-bytes-differ');
  return reasons;
};

/** Scored positions must be the same; right answers may differ only where the most likely byte does. */
const countsDiffer = (primary: Side, shadow: Side, differing: number): readonly Disagreement[] => {
  const reasons: Disagreement[] = [];
  if (absoluteDifference(primary.scored, shadow.scored) !== 0) reasons.push('scored-positions-differ');
  if (absoluteDifference(primary.correct, shadow.correct) > differing) reasons.push('right-answers-differ');
  return reasons;
};
