import type { TaskSequence } from '#corpus/domain/family.js';

/**
 * In what way an evaluator gave no answer. `blank`: not one row for every item, each with the positions that were asked for;
 * `constant`: the same loss for different items, which no model of text gives;
 * `contradictory`: it said something else of the same items before.
 */
export const FAILURES = ['timed-out', 'crashed', 'blank', 'constant', 'contradictory'] as const;
export type FailureKind = (typeof FAILURES)[number];

type Rows = Readonly<{ nllNats: ArrayLike<number>; scored: ArrayLike<number>; correct: ArrayLike<number> }>;

const scoredIn = ({ mask }: TaskSequence): number => mask.reduce((sum, scored) => sum + scored, 0);

/** What is missing in an answer to these sequences, in words; undefined when every item has its row. */
export const missingRows = (sequences: readonly TaskSequence[], rows: Rows): string | undefined => {
  const lengths = [rows.nllNats.length, rows.scored.length, rows.correct.length];
  if (lengths.some((length) => length !== sequences.length))
    return `${lengths.join(', ')} losses, counts and answers for ${sequences.length} items`;
  const wrong = sequences.findIndex((sequence, at) => rows.scored[at] !== scoredIn(sequence));
  if (wrong >= 0)
    return `item ${wrong}: ${rows.scored[wrong]} positions scored of ${scoredIn(sequences[wrong] as TaskSequence)}`;
  const beyond = sequences.findIndex((_, at) => (rows.correct[at] ?? 0) > (rows.scored[at] ?? 0));
  return beyond < 0 ? undefined : `item ${beyond}: more right answers than positions`;
};

const same = (a: Uint8Array, b: Uint8Array): boolean => a.every((byte, at) => byte === b[at]);

/** Whether different items all have one and the same finite loss per scored position. */
export const isConstant = (sequences: readonly TaskSequence[], { nllNats, scored }: Rows): boolean => {
  const [first] = sequences;
  if (!first || sequences.every(({ tokens, targets }) => same(tokens, first.tokens) && same(targets, first.targets)))
    return false;
  const losses = Array.from(nllNats, (nats, at) => nats / (scored[at] ?? 0));
  return losses.every((loss) => Number.isFinite(loss) && loss === losses[0]);
};
