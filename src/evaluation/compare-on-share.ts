import { decodeSequences, encodeSequences } from '#corpus/domain/plsq.js';
import { compareEvaluators, sharedItems, type Comparison, type Tolerance } from './domain/comparison.js';
import { VOCAB, type Evaluated, type Evaluator } from './evaluator.js';

export type ShareOptions = Readonly<{
  /** One item of every so many is shown to both evaluators. */
  every?: number;
  tolerance?: Tolerance;
}>;

const pick = <T extends Float64Array | Uint32Array>(values: T, indices: readonly number[], picked: T): T => {
  indices.forEach((index, at) => (picked[at] = values[index] ?? NaN));
  return picked;
};

/**
 * Lets the shadow score a fixed share of the items and compares it with what the primary recorded for them. The losses
 * compared are the recorded ones, over the whole suite; the primary runs the share once more only for its logits.
 * @throws EvaluatorFailed when either gives no answer
 */
export const compareOnShare = async (
  primary: Evaluator,
  shadow: Evaluator,
  checkpoint: Uint8Array,
  sequences: Uint8Array,
  recorded: Evaluated,
  { every = 10, tolerance }: ShareOptions = {},
): Promise<Comparison> => {
  const all = decodeSequences(sequences);
  const indices = sharedItems(all.length, every);
  const share = encodeSequences(indices.flatMap((index) => all[index] ?? []));
  const [{ logits }, shadowSide] = await Promise.all([
    primary.evaluateWithLogits(checkpoint, share),
    shadow.evaluateWithLogits(checkpoint, share),
  ]);
  const primarySide = {
    nllNats: pick(recorded.nllNats, indices, new Float64Array(indices.length)),
    scored: pick(recorded.scored, indices, new Uint32Array(indices.length)),
    correct: pick(recorded.correct, indices, new Uint32Array(indices.length)),
    logits,
  };
  return compareEvaluators(primarySide, shadowSide, { vocab: VOCAB, ...(tolerance && { tolerance }) });
};
