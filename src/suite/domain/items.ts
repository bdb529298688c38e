import { z } from 'zod';
import { LN } from '#corpus/domain/family.js';
import { countSchema } from '#ledger/schema.js';

/** What is one independent observation: a document's windows, a block's sequences, or a domain's scout sequences. */
export const unitsSchema = z.array(
  z.strictObject({
    id: z.string().min(1),
    kind: z.enum(['document', 'block', 'domain']),
    /** Corpus or family; null for a block, which has one sequence of each target family. */
    domain: z.string().nullable(),
    /** Indices into the blob. */
    sequences: z.array(countSchema).min(1),
  }),
);
export type Unit = Readonly<z.output<typeof unitsSchema>[number]>;

/** A PLSQ blob and what its sequences belong to, units in the order a verdict reads them. */
export type ItemSet = Readonly<{ sequences: Uint8Array; units: readonly Unit[] }>;

/** What an evaluator found on one sequence: summed nats (null: not finite), scored positions, how many were right. */
export type SequenceResult = Readonly<{ nllNats: number | null; scored: number; correct: number }>;

/** NaN where a loss was not finite: no verdict accepts it. */
export type UnitValue = Readonly<{ id: string; value: number }>;

/** A name for each sequence of the blob, in its order: the unit's id and the place in the unit. */
export const sequenceIds = (units: readonly Unit[]): readonly string[] => {
  const ids: string[] = [];
  for (const unit of units) unit.sequences.forEach((index, at) => (ids[index] = `${unit.id}/${at}`));
  return ids;
};

const resultsOf = (unit: Unit, results: readonly SequenceResult[]): readonly SequenceResult[] =>
  unit.sequences.map((index) => {
    const result = results[index];
    if (!result) throw new RangeError(`unit ${unit.id}: no result for sequence ${index} of ${results.length}`);
    return result;
  });

const lossNats = (results: readonly SequenceResult[]): number => {
  let nats = 0;
  let scored = 0;
  for (const result of results) {
    nats += result.nllNats ?? NaN;
    scored += result.scored;
  }
  return nats / scored;
};

/** Bits per byte of a unit: lower is better. */
export const unitBitsPerByte = (unit: Unit, results: readonly SequenceResult[]): number =>
  lossNats(resultsOf(unit, results)) / LN[2];

/** Unweighted mean over the unit's sequences of the share of right answers: higher is better. */
export const unitAccuracy = (unit: Unit, results: readonly SequenceResult[]): number => {
  let sum = 0;
  for (const result of resultsOf(unit, results)) sum += result.correct / result.scored;
  return sum / unit.sequences.length;
};

/** Values in unit order: bits per byte of documents, accuracy of blocks. */
export const documentValues = (units: readonly Unit[], results: readonly SequenceResult[]): readonly UnitValue[] =>
  units
    .filter((unit) => unit.kind === 'document')
    .map((unit) => ({ id: unit.id, value: unitBitsPerByte(unit, results) }));

export const blockValues = (units: readonly Unit[], results: readonly SequenceResult[]): readonly UnitValue[] =>
  units.filter((unit) => unit.kind === 'block').map((unit) => ({ id: unit.id, value: unitAccuracy(unit, results) }));

/** Scout loss in nats per scored position of each domain that has scout units. */
export const scoutLosses = (
  units: readonly Unit[],
  results: readonly SequenceResult[],
): Readonly<Record<string, number>> => {
  const found = new Map<string, SequenceResult[]>();
  for (const unit of units) {
    if (unit.domain === null) continue;
    const known = found.get(unit.domain) ?? [];
    known.push(...resultsOf(unit, results));
    found.set(unit.domain, known);
  }
  return Object.fromEntries([...found].map(([domain, ofDomain]) => [domain, lossNats(ofDomain)]));
};

/** Unweighted mean; NaN of nothing, which no verdict accepts. */
export const meanValue = (values: readonly UnitValue[]): number => {
  let sum = 0;
  for (const { value } of values) sum += value;
  return sum / values.length;
};
