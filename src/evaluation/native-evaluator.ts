import { Evaluator, EvaluatorFailed, type Evaluated, type EvaluatedWithLogits } from './evaluator.js';

/** Threads (0: all cores) and instruction set (none: the best); neither changes a bit. */
type ScoringOptions = Readonly<{ threads: number; isa?: string }>;

/** The part of the native addon that scores. */
export type NativeScoring = Readonly<{
  evaluate(checkpoint: Uint8Array, sequences: Uint8Array, options: ScoringOptions): Promise<Evaluated>;
  /** Sequences x length x 256. */
  logits(checkpoint: Uint8Array, sequences: Uint8Array, options: ScoringOptions): Promise<Float32Array>;
  backends(): Readonly<{ build: string }>;
}>;

/** The primary evaluator: the trainer's own forward pass, the same bits on every machine. */
export class NativeEvaluator extends Evaluator {
  override readonly name = 'native';
  override readonly build: string;

  constructor(
    private readonly native: NativeScoring,
    private readonly options: ScoringOptions,
  ) {
    super();
    this.build = native.backends().build;
  }

  override async evaluate(checkpoint: Uint8Array, sequences: Uint8Array): Promise<Evaluated> {
    return this.attempt(() => this.native.evaluate(checkpoint, sequences, this.options));
  }

  override async evaluateWithLogits(checkpoint: Uint8Array, sequences: Uint8Array): Promise<EvaluatedWithLogits> {
    const scores = await this.evaluate(checkpoint, sequences);
    const logits = await this.attempt(() => this.native.logits(checkpoint, sequences, this.options));
    return { ...scores, logits };
  }

  private async attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw new EvaluatorFailed(this.name, error instanceof Error ? error.message : String(error), { cause: error });
    }
  }
}
