import type { TaskSequence } from '#corpus/domain/family.js';
import { decodeSequences, encodeSequences } from '#corpus/domain/plsq.js';
import { Rng } from '#corpus/domain/random.js';
import { drawShadowBlocks, type ShadowDefinition } from '#suite/domain/draw.js';

const BYTES = 256;
/** Bytes that a lengthened sequence has more: one chunk of the trainer. */
const PADDING = 64;
/** Fewer possible answers than this, and an answer that contradicts the prompt would follow from it. */
const FEWEST_ANSWERS = 3;

/** Chance of a right answer at every scored position, for whoever knows nothing but the prompt, summed: mean and variance. */
export type Chance = Readonly<{ mean: number; variance: number }>;

export type ControlItems = Readonly<{
  /** The answer stands in the byte before it is asked for. */
  positive: readonly TaskSequence[];
  /** Labels drawn from all bytes, every position scored. */
  negative: readonly TaskSequence[];
  /** Labels drawn from the wrong answers: the prompt contradicts them. */
  honeypot: readonly TaskSequence[];
  honeypotChance: Chance;
  /** As drawn, for the model that knows nothing. */
  null: readonly TaskSequence[];
}>;

const leaked = ({ tokens, targets, mask }: TaskSequence): TaskSequence => ({
  tokens: tokens.map((token, at) => (mask[at] === 1 ? (targets[at] as number) : token)),
  targets,
  mask,
});

const relabelled = ({ tokens }: TaskSequence, rng: Rng): TaskSequence => ({
  tokens,
  targets: tokens.map(() => rng.below(BYTES)),
  mask: new Uint8Array(tokens.length).fill(1),
});

/** Answers that a family's items have: what a guess that knows the family chooses from. */
const answersOf = (sequences: readonly TaskSequence[]): readonly number[] => {
  const seen = new Set<number>();
  for (const { targets, mask } of sequences) targets.forEach((target, at) => mask[at] === 1 && seen.add(target));
  const all = Array.from({ length: BYTES }, (_, byte) => byte);
  return seen.size < FEWEST_ANSWERS ? all : all.filter((byte) => seen.has(byte));
};

const contradicted = ({ tokens, targets, mask }: TaskSequence, answers: readonly number[], rng: Rng): TaskSequence => ({
  tokens,
  targets: targets.map((target, at) => {
    const wrong = mask[at] === 1 ? answers.filter((answer) => answer !== target) : [];
    return wrong[rng.below(wrong.length)] ?? target;
  }),
  mask,
});

/** Items of the controls of one candidate: drawn from its shadow seed, but none of those that it is judged on. */
export const drawControlItems = (definition: ShadowDefinition, seed: string, blocks: number): ControlItems => {
  const drawn = decodeSequences(drawShadowBlocks(definition, `${seed}/controls`, blocks).sequences);
  const families = definition.families.length;
  const answers = definition.families.map((_, family) => answersOf(drawn.filter((__, at) => at % families === family)));
  const [labels, wrong] = [Rng.from(seed, 'controls', 'negative'), Rng.from(seed, 'controls', 'honeypot')];
  const chance = { mean: 0, variance: 0 };
  const honeypot = drawn.map((sequence, at) => {
    const own = answers[at % families] ?? [];
    for (const scored of sequence.mask) {
      const p = 1 / (own.length - 1);
      chance.mean += scored * p;
      chance.variance += scored * p * (1 - p);
    }
    return contradicted(sequence, own, wrong.branch(at));
  });
  const negative = drawn.map((sequence, at) => relabelled(sequence, labels.branch(at)));
  return { positive: drawn.map(leaked), negative, honeypot, honeypotChance: chance, null: drawn };
};

/** The same sequences with one more chunk of unscored bytes behind them, which comes after everything that is scored. */
export const lengthened = (sequences: readonly TaskSequence[], seed: string): Uint8Array => {
  const bytes = Rng.from(seed, 'controls', 'padding');
  return encodeSequences(
    sequences.map(({ tokens, targets, mask }, at) => {
      const rng = bytes.branch(at);
      const behind = new Uint8Array(PADDING);
      return {
        tokens: Uint8Array.of(...tokens, ...behind.map(() => rng.below(BYTES))),
        targets: Uint8Array.of(...targets, ...behind),
        mask: Uint8Array.of(...mask, ...behind),
      };
    }),
  );
};
