import type { TaskSequence } from '#corpus/domain/family.js';
import { exp, ln } from '#experiment/domain/elementary.js';

/** What a model's probabilities came to at every scored byte, in order. */
export type ByteScores = Readonly<{
  /** Probability of the most likely byte. */
  confidence: Float64Array;
  /** 1 where the most likely byte (the first of equals) is the right one. */
  right: Uint8Array;
  /** Probability of the right byte. */
  likelihood: Float64Array;
  /** Squared distance of the probabilities from the certain answer, 0 to 2 [Brier 1950]. */
  brier: Float64Array;
  /** Loss of the right byte. */
  nllNats: Float64Array;
  /** Bytes at least as likely as the threshold; empty where none was given. */
  setSize: Uint16Array;
}>;

/** The scores of the bytes from one place to before another. */
export const partOf = (scores: ByteScores, from: number, to: number): ByteScores => ({
  confidence: scores.confidence.subarray(from, to),
  right: scores.right.subarray(from, to),
  likelihood: scores.likelihood.subarray(from, to),
  brier: scores.brier.subarray(from, to),
  nllNats: scores.nllNats.subarray(from, to),
  setSize: scores.setSize.subarray(from, to),
});

/** Below this e^x is outside what {@link exp} covers, and nothing beside the most likely byte. */
const LEAST_EXPONENT = -700;

/** Softmax of one row into `weights`, not yet divided by the total that is returned; the largest logit weighs 1. */
const softmax = (row: Float32Array, largest: number, weights: Float64Array): number => {
  let total = 0;
  for (let byte = 0; byte < row.length; byte += 1) {
    const exponent = (row[byte] as number) - largest;
    const weight = exponent < LEAST_EXPONENT ? 0 : exp(exponent);
    weights[byte] = weight;
    total += weight;
  }
  return total;
};

/** The first of the largest; -1 where a logit is not finite. */
const mostLikely = (row: Float32Array): number => {
  let best = 0;
  for (let byte = 0; byte < row.length; byte += 1) {
    if (!Number.isFinite(row[byte])) return -1;
    if ((row[byte] as number) > (row[best] as number)) best = byte;
  }
  return best;
};

/**
 * Scores of every masked position from raw logits (sequences x length x vocabulary, binary32), in binary64 and a fixed order
 * with the repository's own exponential and logarithm: the same bits on every machine. NaN where a logit is not finite.
 * @param threshold least probability of a byte that a prediction set holds
 */
export const scoreBytes = (
  sequences: readonly TaskSequence[],
  logits: Float32Array,
  vocab: number,
  threshold?: number,
): ByteScores => {
  const scored = sequences.flatMap(({ mask, targets }, item) =>
    Array.from(mask, (on, at) => ({ on, start: (item * mask.length + at) * vocab, target: targets[at] as number })),
  );
  const positions = scored.filter(({ on }) => on === 1);
  const found = {
    confidence: new Float64Array(positions.length),
    right: new Uint8Array(positions.length),
    likelihood: new Float64Array(positions.length),
    brier: new Float64Array(positions.length),
    nllNats: new Float64Array(positions.length),
    setSize: new Uint16Array(threshold === undefined ? 0 : positions.length),
  };
  const weights = new Float64Array(vocab);
  positions.forEach(({ start, target }, at) => {
    const row = logits.subarray(start, start + vocab);
    const top = mostLikely(row);
    const largest = top < 0 ? NaN : (row[top] as number);
    const total = top < 0 ? NaN : softmax(row, largest, weights);
    const likelihood = (weights[target] as number) / total;
    let [squares, held] = [0, 0];
    for (let byte = 0; byte < vocab; byte += 1) {
      const probability = (weights[byte] as number) / total;
      squares += probability * probability;
      if (threshold !== undefined && probability >= threshold) held += 1;
    }
    found.confidence[at] = 1 / total;
    found.right[at] = top === target ? 1 : 0;
    found.likelihood[at] = likelihood;
    found.brier[at] = squares - 2 * likelihood + 1;
    found.nllNats[at] = largest - (row[target] as number) + ln(total);
    if (threshold !== undefined) found.setSize[at] = held;
  });
  return found;
};
