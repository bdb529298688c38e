import { decodeSequences, encodeSequences } from '#corpus/domain/plsq.js';
import { Evaluator, type Evaluated, type EvaluatedWithLogits } from '#evaluation/evaluator.js';

export const BUGS = ['targets off by one', 'constant answers', 'halves swapped'] as const;
export type Bug = (typeof BUGS)[number];

const swapped = <T extends Float64Array | Uint32Array | Float32Array>(values: T): T => {
  const half = Math.floor(values.length / 2);
  const copy = values.slice() as T;
  copy.set(values.subarray(half));
  copy.set(values.subarray(0, half), values.length - half);
  return copy;
};

/** Every target is the one after it. */
const offByOne = (sequences: Uint8Array): Uint8Array =>
  encodeSequences(
    decodeSequences(sequences).map(({ tokens, targets, mask }) => ({
      tokens,
      targets: Uint8Array.from(targets, (_, at) => targets[Math.min(at + 1, targets.length - 1)] as number),
      mask,
    })),
  );

/** The real evaluator with one mistake, as it could be made: whoever trusts it alone is told the wrong figures. */
export class BuggyEvaluator extends Evaluator {
  override readonly name: string;
  override readonly build: string;

  constructor(
    private readonly inner: Evaluator,
    private readonly bug: Bug,
  ) {
    super();
    this.name = inner.name;
    this.build = inner.build;
  }

  override async evaluate(checkpoint: Uint8Array, sequences: Uint8Array): Promise<Evaluated> {
    const { logits: _logits, ...scores } = this.mistaken({
      ...(await this.inner.evaluate(checkpoint, this.shown(sequences))),
      logits: new Float32Array(),
    });
    return scores;
  }

  override async evaluateWithLogits(checkpoint: Uint8Array, sequences: Uint8Array): Promise<EvaluatedWithLogits> {
    return this.mistaken(await this.inner.evaluateWithLogits(checkpoint, this.shown(sequences)));
  }

  private shown(sequences: Uint8Array): Uint8Array {
    return this.bug === 'targets off by one' ? offByOne(sequences) : sequences;
  }

  private mistaken(found: EvaluatedWithLogits): EvaluatedWithLogits {
    const { nllNats, scored, correct, logits } = found;
    switch (this.bug) {
      case 'targets off by one':
        return found;
      case 'constant answers':
        return { nllNats: nllNats.map(() => 0.5), scored, correct: scored, logits: logits.map(() => 0) };
      case 'halves swapped':
        return { nllNats: swapped(nllNats), scored, correct: swapped(correct), logits: swapped(logits) };
    }
  }
}
