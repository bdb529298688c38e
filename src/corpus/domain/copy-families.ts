import { Draft, LN, type Family, type TaskSequence } from './family.js';
import type { Rng } from './random.js';

const BLANK = 1;
const RECITE = 2;
const SYMBOL = 16;

/** Up to six symbols among blanks; after byte 2 the symbols follow in order, without the blanks. */
const generateSelective = (rng: Rng, length: number): TaskSequence => {
  const draft = new Draft(length, 0xf7);
  for (;;) {
    const symbols = 1 + rng.below(6);
    const field = symbols + rng.below(2 * symbols + 1);
    if (field + 1 + symbols > draft.room) return draft.finish();
    const places = rng.shuffle(Array.from({ length: field }, (_, place) => place)).slice(0, symbols);
    const line = new Uint8Array(field).fill(BLANK);
    for (const place of places) line[place] = SYMBOL + rng.below(8);
    line.forEach((byte) => draft.put(byte));
    draft.put(RECITE);
    line.filter((byte) => byte !== BLANK).forEach((byte) => draft.answer(byte));
  }
};

export const selectiveCopy: Family = {
  name: 'selective-copy',
  prefix: 0xf7,
  heldOut: true,
  target: true,
  entropyNats: LN[8],
  chanceAccuracy: 1 / 8,
  generate: generateSelective,
};

/** A word of 2 to 13 symbols out of 16, repeated to the end; everything after its first showing is asked for. */
const generatePeriodic = (rng: Rng, length: number): TaskSequence => {
  const draft = new Draft(length, 0xf8);
  const word = Array.from({ length: 2 + rng.below(12) }, () => SYMBOL + rng.below(16));
  word.forEach((symbol) => draft.put(symbol));
  for (let at = 0; draft.room > 0; at += 1) draft.answer(word[at % word.length] as number);
  return draft.finish();
};

export const periodicCopy: Family = {
  name: 'periodic-copy',
  prefix: 0xf8,
  heldOut: true,
  target: true,
  entropyNats: LN[16],
  chanceAccuracy: 1 / 16,
  generate: generatePeriodic,
};
