import type { TaskSequence } from '#corpus/domain/family.js';
import { decodeSequences, encodeSequences } from '#corpus/domain/plsq.js';
import { partOf, type ByteScores } from './domain/byte-scores.js';
import { byFallingConfidence, confidenceSums, conformalThreshold } from './domain/calibration.js';
import type { CalibrationResults, DocumentCalibration } from './domain/calibration-results.js';
import type { Evaluator } from './evaluator.js';

/** A document that calibration is measured on: its windows, as places in a blob of sequences. */
type Document = Readonly<{ id: string; sequences: readonly number[] }>;

/** Documents a model is shown at once: bounds the memory that their logits take. */
const BATCH = 32;

const concatenated = (arrays: readonly Float64Array[]): Float64Array => {
  const joined = new Float64Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    joined.set(array, at);
    at += array.length;
  }
  return joined;
};

const sum = (values: Iterable<number>): number => {
  let total = 0;
  for (const value of values) total += value;
  return total;
};

const finiteOrNull = (value: number): number | null => (Number.isFinite(value) ? value : null);

const summarise = (id: string, scores: ByteScores, threshold: number | undefined): DocumentCalibration => ({
  brierSum: finiteOrNull(sum(scores.brier)),
  correct: sum(scores.right),
  covered: threshold === undefined ? null : scores.likelihood.filter((p) => p >= threshold).length,
  id,
  nllNats: finiteOrNull(sum(scores.nllNats)),
  scored: scores.right.length,
  setSizeSum: threshold === undefined ? null : sum(scores.setSize),
});

type Shown = Readonly<{ evaluator: Evaluator; checkpoint: Uint8Array; all: readonly TaskSequence[] }>;

/** Scores of every byte of these documents. */
const scored = async (
  { evaluator, checkpoint, all }: Shown,
  documents: readonly Document[],
  threshold?: number,
): Promise<readonly ByteScores[]> => {
  const found: ByteScores[] = [];
  for (let start = 0; start < documents.length; start += BATCH) {
    const batch = documents.slice(start, start + BATCH);
    const windows = batch.map(({ sequences }) => sequences.flatMap((index) => all[index] ?? []));
    const scores = await evaluator.byteScores(checkpoint, encodeSequences(windows.flat()), threshold);
    let at = 0;
    for (const own of windows) {
      const scored = sum(own.map(({ mask }) => sum(mask)));
      found.push(partOf(scores, at, at + scored));
      at += scored;
    }
  }
  return found;
};

/**
 * How sure a model is of the bytes of the given documents, and how rightly. The 1st, 3rd, .. document gives the threshold of
 * the prediction sets, the 2nd, 4th, .. shows what they hold: documents in the order of a seed are exchangeable, and bytes
 * of one document stay together.
 * @throws EvaluatorFailed
 */
export const calibrate = async (
  evaluator: Evaluator,
  checkpoint: Uint8Array,
  { suite, sequences, documents }: Readonly<{ suite: string; sequences: Uint8Array; documents: readonly Document[] }>,
): Promise<CalibrationResults> => {
  const shown = { evaluator, checkpoint, all: decodeSequences(sequences) };
  const half = (parity: number): readonly Document[] => documents.filter((_, at) => at % 2 === parity);
  const fitted = await scored(shown, half(0));
  const threshold = conformalThreshold(concatenated(fitted.map(({ likelihood }) => likelihood)));
  const measured = await scored(shown, half(1), threshold);
  const inOrder = documents.map((_, at) => (at % 2 === 0 ? fitted : measured)[Math.floor(at / 2)] as ByteScores);
  const confidence = concatenated(inOrder.map((scores) => scores.confidence));
  const order = byFallingConfidence(confidence);
  const right = Buffer.concat(inOrder.map((scores) => scores.right));
  const sums = confidenceSums(confidence, order);
  return {
    confidenceSums: sums.every(Number.isFinite) ? sums : null,
    documents: documents.map(({ id }, at) =>
      summarise(id, inOrder[at] as ByteScores, at % 2 === 0 ? undefined : threshold),
    ),
    evaluator: evaluator.name,
    right: Array.from(order, (at) => right[at] as number).join(''),
    suite,
    threshold: finiteOrNull(threshold),
  };
};
