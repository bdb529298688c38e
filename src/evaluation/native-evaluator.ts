import { decodeSequences } from '#corpus/domain/plsq.js';
import type { ByteScores } from './domain/byte-scores.js';
import { Evaluator, EvaluatorFailed, VOCAB, type Evaluated, type EvaluatedWithLogits } from './evaluator.js';

/** Threads (0: all cores) and instruction set (none: the best); neither changes a bit. */
type ScoringOptions = Readonly<{ threads: number; isa?: string }>;

/** The part of the native addon that scores. */
export type NativeScoring = Readonly<{
  evaluate(checkpoint: Uint8Array, sequences: Uint8Array, options: ScoringOptions): Promise<Evaluated>;
  /** Sequences x length x 256. */
  logits(checkpoint: Uint8Array, sequences: Uint8Array, options: ScoringOptions): Promise<Float32Array>;
  byteScores(
    checkpoint: Uint8Array,
    sequences: Uint8Array,
    threshold: number,
    options: ScoringOptions,
  ): Promise<ByteScores>;
  machine(): Readonly<{ build: string }>;
}>;

/** The addon answers for no item as soon as one loss is not finite: then none is, and whoever judges refuses them all. */
const NON_FINITE = 'TRAINER_NON_FINITE';

const nothingFinite = (sequences: Uint8Array): EvaluatedWithLogits => {
  const all = decodeSequences(sequences);
  const positions = all.reduce((sum, { tokens }) => sum + tokens.length, 0);
  return {
    nllNats: new Float64Array(all.length).fill(NaN),
    scored: Uint32Array.from(all, ({ mask }) => mask.reduce((sum, scored) => sum + scored, 0)),
    correct: new Uint32Array(all.length),
    logits: new Float32Array(positions * VOCAB).fill(NaN),
  };
};

/** The primary evaluator: the trainer's own forward pass, the same bits on every machine. */
export class NativeEvaluator extends Evaluator {
  override readonly name = 'native';
  override readonly build: string;

  constructor(
    private readonly native: NativeScoring,
    private readonly options: ScoringOptions,
  ) {
    super();
    this.build = native.machine().build;
  }

  override async evaluate(checkpoint: Uint8Array, sequences: Uint8Array): Promise<Evaluated> {
    return this.attempt(sequences, () => this.native.evaluate(checkpoint, sequences, this.options));
  }

  override async evaluateWithLogits(checkpoint: Uint8Array, sequences: Uint8Array): Promise<EvaluatedWithLogits> {
    return this.attempt(sequences, async () => {
      const scores = await this.native.evaluate(checkpoint, sequences, this.options);
      return { ...scores, logits: await this.native.logits(checkpoint, sequences, this.options) };
    });
  }

  /** The same bits as from the raw outputs, in a tenth of the time. */
  override async byteScores(checkpoint: Uint8Array, sequences: Uint8Array, threshold?: number): Promise<ByteScores> {
    try {
      const scores = await this.native.byteScores(checkpoint, sequences, threshold ?? Infinity, this.options);
      return threshold === undefined ? { ...scores, setSize: new Uint16Array(0) } : scores;
    } catch (error) {
      throw this.failed(error);
    }
  }

  private failed(error: unknown): EvaluatorFailed {
    return new EvaluatorFailed(this.name, error instanceof Error ? error.message : String(error), { cause: error });
  }

  private async attempt<T extends Evaluated>(
    sequences: Uint8Array,
    work: () => Promise<T>,
  ): Promise<T | EvaluatedWithLogits> {
    try {
      return await work();
    } catch (error) {
      if ((error as { code?: unknown }).code === NON_FINITE) return nothingFinite(sequences);
      throw this.failed(error);
    }
  }
}
