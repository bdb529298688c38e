import { z } from 'zod';

/** One figure of how far a candidate moved. A value that is not finite is null and always an alarm. */
export const driftSchema = z.strictObject({
  metric: z.string().min(1),
  value: z.number().nullable(),
  unit: z.string().min(1),
  reference: z.enum(['anchor', 'champion', 'previous-update']),
  threshold: z.number().nullable(),
  alarm: z.boolean(),
});
export type Drift = Readonly<z.output<typeof driftSchema>>;
export type DriftReference = Drift['reference'];

/** Against what is measured, and above which value it is an alarm (null: reported only). */
export type DriftBound = Readonly<{ reference: DriftReference; threshold: number | null }>;

export const drift = (metric: string, unit: string, value: number, { reference, threshold }: DriftBound): Drift => {
  const finite = Number.isFinite(value);
  const alarm = !finite || (threshold !== null && value > threshold);
  return { metric, value: finite ? value : null, unit, reference, threshold, alarm };
};

/** Sum in the order given: the order is part of the figure. */
const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

/**
 * Mean KL(reference || candidate) per byte on the sentinel sequences.
 * @param nats divergence summed over the positions of each sequence, as the trainer gives it
 * @param length positions of a sequence
 */
export const klDrift = (nats: Float64Array, length: number, bound: DriftBound): Drift =>
  drift(`kl-to-${bound.reference}`, 'nats/byte', sum(nats) / (nats.length * length), bound);

/** Relative distance of all weights together, ||candidate - reference|| / ||reference||. */
export const weightDrift = (relative: number, bound: DriftBound): Drift =>
  drift(`weight-distance-to-${bound.reference}`, 'relative', relative, bound);

/** A unit of a probe (a document, a block) and its score: larger is better. */
export type UnitScore = Readonly<{ id: string; score: number }>;

export type PairedSummary = Readonly<{
  units: number;
  mean: number;
  /** Sample standard deviation, 0 for a single unit. */
  sd: number;
  /** The unit that lost most. */
  worst: Readonly<{ id: string; difference: number }>;
}>;

/** Scores that cannot be paired. */
export class UnpairedScores extends Error {
  override readonly name = 'UnpairedScores';
}

/** Candidate minus reference, unit by unit, in the order given. */
export const pairedDifferences = (
  candidate: readonly UnitScore[],
  reference: readonly UnitScore[],
): readonly UnitScore[] => {
  if (candidate.length !== reference.length)
    throw new UnpairedScores(`${candidate.length} units of the candidate, ${reference.length} of the reference`);
  return candidate.map(({ id, score }, at) => {
    const other = reference[at];
    if (other?.id !== id)
      throw new UnpairedScores(`unit ${at} is ${id} for the candidate, ${String(other?.id)} for the reference`);
    return { id, score: score - other.score };
  });
};

/** A difference that is not a number counts as the worst, and makes mean and deviation NaN. */
export const summarisePaired = (differences: readonly UnitScore[]): PairedSummary => {
  const [first] = differences;
  if (!first) throw new UnpairedScores('no units to compare');
  const units = differences.length;
  const mean = sum(differences.map(({ score }) => score)) / units;
  const squares = sum(differences.map(({ score }) => (score - mean) * (score - mean)));
  const sd = units > 1 ? Math.sqrt(squares / (units - 1)) : 0;
  const worst = differences.reduce((lowest, unit) =>
    Number.isNaN(lowest.score) || lowest.score <= unit.score ? lowest : unit,
  );
  return { units, mean, sd, worst: { id: worst.id, difference: worst.score } };
};

/** A probe's paired summary as three drift figures; the threshold bounds the mean loss, the others are reported. */
export const probeDrift = (
  probe: string,
  unit: string,
  summary: PairedSummary,
  bound: DriftBound,
): readonly Drift[] => {
  const reported: DriftBound = { ...bound, threshold: null };
  return [
    drift(`${probe}-loss-mean`, unit, 0 - summary.mean, bound),
    drift(`${probe}-difference-sd`, unit, summary.sd, reported),
    drift(`${probe}-loss-worst-unit`, unit, 0 - summary.worst.difference, reported),
  ];
};
