import { decodeSequences } from '#corpus/domain/plsq.js';
import { scoreBytes, type ByteScores } from './domain/byte-scores.js';
import type { FailureKind } from './domain/failures.js';

/** Vocabulary of a byte model. */
export const VOCAB = 256;

/** Per item, in the order of the sequences. A loss that is not finite stays NaN or Infinity: whoever judges must refuse it. */
export type Evaluated = Readonly<{
  /** Sum of next-byte losses over the scored positions, nats, binary64. */
  nllNats: Float64Array;
  /** Scored positions. */
  scored: Uint32Array;
  /** Scored positions whose most likely byte is the right one. */
  correct: Uint32Array;
}>;

/** Also the model's raw outputs: sequences x length x 256, binary32. */
export type EvaluatedWithLogits = Evaluated & Readonly<{ logits: Float32Array }>;

/** An evaluator that gave no answer that could be scored; `kind` says in what way. */
export class EvaluatorFailed extends Error {
  override readonly name = 'EvaluatorFailed';
  readonly kind: FailureKind;
  constructor(
    readonly evaluator: string,
    readonly reason: string,
    { kind = 'crashed', cause }: Readonly<{ kind?: FailureKind; cause?: unknown }> = {},
  ) {
    super(`evaluator ${evaluator}: ${reason}`, cause === undefined ? undefined : { cause });
    this.kind = kind;
  }
}

/** Scores a checkpoint (safetensors) on sequences (PLSQ). */
export abstract class Evaluator {
  abstract readonly name: string;
  /** What computed the figures, as metadata. */
  abstract readonly build: string;
  /** @throws EvaluatorFailed */
  abstract evaluate(checkpoint: Uint8Array, sequences: Uint8Array): Promise<Evaluated>;
  /** @throws EvaluatorFailed */
  abstract evaluateWithLogits(checkpoint: Uint8Array, sequences: Uint8Array): Promise<EvaluatedWithLogits>;

  /**
   * How sure the model is of every scored byte, and how rightly.
   * @param threshold least probability of a byte that a prediction set holds
   * @throws EvaluatorFailed
   */
  async byteScores(checkpoint: Uint8Array, sequences: Uint8Array, threshold?: number): Promise<ByteScores> {
    const { logits } = await this.evaluateWithLogits(checkpoint, sequences);
    return scoreBytes(decodeSequences(sequences), logits, VOCAB, threshold);
  }
}
