import { decodeSequences } from '#corpus/domain/plsq.js';
import type { ByteScores } from './domain/byte-scores.js';
import { missingRows } from './domain/failures.js';
import { Evaluator, EvaluatorFailed, type Evaluated, type EvaluatedWithLogits } from './evaluator.js';

/** Longest that one evaluation may take: only what hangs is ended by it. */
export const DEFAULT_EVALUATION_LIMIT_MS = 1_800_000;

/**
 * Any evaluator, held to a time limit and to one row for every item; whatever it breaks down with is its failure. What it says
 * after the limit is heard by nobody.
 */
export class GuardedEvaluator extends Evaluator {
  override readonly name: string;

  constructor(
    private readonly inner: Evaluator,
    private readonly limitMs: number,
  ) {
    super();
    this.name = inner.name;
  }

  override get build(): string {
    return this.inner.build;
  }

  override evaluate(checkpoint: Uint8Array, sequences: Uint8Array): Promise<Evaluated> {
    return this.answered(sequences, this.inner.evaluate(checkpoint, sequences));
  }

  override evaluateWithLogits(checkpoint: Uint8Array, sequences: Uint8Array): Promise<EvaluatedWithLogits> {
    return this.answered(sequences, this.inner.evaluateWithLogits(checkpoint, sequences));
  }

  override async byteScores(checkpoint: Uint8Array, sequences: Uint8Array, threshold?: number): Promise<ByteScores> {
    const found = await this.heard(this.inner.byteScores(checkpoint, sequences, threshold));
    const wanted = decodeSequences(sequences).reduce((sum, { mask }) => sum + mask.filter((on) => on === 1).length, 0);
    const scored = found.right.length;
    if (scored === wanted) return found;
    throw new EvaluatorFailed(this.name, `${scored} bytes are scored, not ${wanted}`, { kind: 'blank' });
  }

  private async answered<T extends Evaluated>(sequences: Uint8Array, answer: Promise<T>): Promise<T> {
    const found = await this.heard(answer);
    const missing = missingRows(decodeSequences(sequences), found);
    if (missing !== undefined) throw new EvaluatorFailed(this.name, missing, { kind: 'blank' });
    return found;
  }

  private heard<T>(answer: Promise<T>): Promise<T> {
    return this.inTime(answer).catch((error: unknown) => {
      if (error instanceof EvaluatorFailed) throw error;
      throw new EvaluatorFailed(this.name, error instanceof Error ? error.message : String(error), { cause: error });
    });
  }

  private async inTime<T>(answer: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      const reason = `no answer within ${this.limitMs} ms`;
      timer = setTimeout(() => reject(new EvaluatorFailed(this.name, reason, { kind: 'timed-out' })), this.limitMs);
    });
    try {
      return await Promise.race([answer, late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
