import { Draft, LN, type Family, type TaskSequence } from './family.js';
import type { Rng } from './random.js';

const STATE = 16;

/** A row of transition chances: fourth powers of uniform draws, so that a few successors dominate. */
const transitionRow = (rng: Rng): number[] => {
  const weights = Array.from({ length: 6 }, () => {
    const u = rng.uniform();
    return u * u * (u * u);
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return total > 0 ? weights.map((weight) => weight / total) : weights.map(() => 1 / 6);
};

/** A Markov chain on six states, drawn anew for each sequence. Its answers are likely, not certain: read its loss. */
const generateMarkov = (rng: Rng, length: number): TaskSequence => {
  const draft = new Draft(length, 0xfc);
  const rows = Array.from({ length: 6 }, () => transitionRow(rng));
  let state = rng.below(6);
  draft.put(STATE + state);
  while (draft.room > 0) {
    const row = rows[state] as number[];
    let left = rng.uniform();
    state = 0;
    while (state < 5 && left >= (row[state] as number)) {
      left -= row[state] as number;
      state += 1;
    }
    draft.answer(STATE + state);
  }
  return draft.finish();
};

export const markov: Family = {
  name: 'markov',
  prefix: 0xfc,
  heldOut: true,
  target: false,
  entropyNats: LN[6],
  chanceAccuracy: 1 / 6,
  generate: generateMarkov,
};

/** Steps before the first question: the sum of very few numbers could be learned by heart. */
const UNASKED = 8;

/** Numbers 0-2 (bytes 16-18); asked is their running sum modulo 3 (bytes 48-50), which is never shown. */
const generateUnlearnable = (rng: Rng, length: number): TaskSequence => {
  const tokens = new Uint8Array(length);
  const targets = new Uint8Array(length);
  const mask = new Uint8Array(length);
  tokens[0] = 0xfd;
  let sum = 0;
  for (let at = 1; at < length; at += 1) {
    const step = rng.below(3);
    sum = (sum + step) % 3;
    tokens[at] = STATE + step;
    targets[at] = 48 + sum;
    mask[at] = at > UNASKED ? 1 : 0;
  }
  return { tokens, targets, mask };
};

export const unlearnable: Family = {
  name: 'unlearnable',
  prefix: 0xfd,
  heldOut: true,
  target: false,
  entropyNats: LN[3],
  chanceAccuracy: 1 / 3,
  generate: generateUnlearnable,
};
