import type { Rng } from './random.js';

/** One training or probe sequence: target t is what must be predicted after tokens 0..t; mask 1 = scored. */
export type TaskSequence = Readonly<{ tokens: Uint8Array; targets: Uint8Array; mask: Uint8Array }>;

/** A family of synthetic sequences whose scored answers follow from what stands before them. */
export type Family = Readonly<{
  name: string;
  /** First token of every sequence: a byte that no UTF-8 text contains. */
  prefix: number;
  /** False: probes ask for what training showed (the forgetting probe). */
  heldOut: boolean;
  /** Counts towards capability. */
  target: boolean;
  /** Nats per scored position of a guess that knows which answers are possible but not which is right. */
  entropyNats: number;
  /** Accuracy of that guess. */
  chanceAccuracy: number;
  /** A sequence of `length` tokens (at least 64); the same draws give the same sequence. */
  generate(rng: Rng, length: number): TaskSequence;
}>;

/** Natural logarithms as written-out constants: Math.log may differ between engines, and these feed allocations. */
export const LN = {
  2: 0.6931471805599453,
  3: 1.0986122886681098,
  4: 1.3862943611198906,
  6: 1.791759469228055,
  8: 2.0794415416798357,
  10: 2.302585092994046,
  16: 2.772588722239781,
  64: 4.1588830833596715,
  256: 5.545177444479562,
} as const;

/** Bytes written one after another, each plain or an answer. Holds length + 1 bytes so that the last token has a target. */
export class Draft {
  private readonly bytes: Uint8Array;
  private readonly answers: Uint8Array;
  private at = 0;

  constructor(
    private readonly length: number,
    prefix: number,
  ) {
    this.bytes = new Uint8Array(length + 1);
    this.answers = new Uint8Array(length + 1);
    this.put(prefix);
  }

  /** Bytes that still fit. */
  get room(): number {
    return this.length + 1 - this.at;
  }

  put(byte: number): void {
    this.bytes[this.at] = byte;
    this.at += 1;
  }

  answer(byte: number): void {
    this.answers[this.at] = 1;
    this.put(byte);
  }

  /** Sequence with every answer scored; what was not written is zero and unscored. */
  finish(): TaskSequence {
    return {
      tokens: this.bytes.slice(0, this.length),
      targets: this.bytes.slice(1),
      mask: this.answers.slice(1),
    };
  }
}
