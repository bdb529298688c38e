import { Draft, LN, type Family, type TaskSequence } from './family.js';
import type { Rng } from './random.js';

const OPEN = 16;
const CLOSE = 32;
const DEEPEST = 12;

/** Balanced brackets of four kinds, at most 12 deep. A closing bracket's kind follows from the stack, so it is scored. */
const generateDyck = (rng: Rng, length: number): TaskSequence => {
  const draft = new Draft(length, 0xf9);
  const open: number[] = [];
  while (draft.room > 0) {
    const innermost = open.at(-1);
    if (innermost === undefined || (open.length < DEEPEST && rng.uniform() < 0.5)) {
      const kind = rng.below(4);
      open.push(kind);
      draft.put(OPEN + kind);
    } else {
      draft.answer(CLOSE + innermost);
      open.pop();
    }
  }
  return draft.finish();
};

export const dyck: Family = {
  name: 'dyck',
  prefix: 0xf9,
  heldOut: true,
  target: true,
  entropyNats: LN[4],
  chanceAccuracy: 1 / 4,
  generate: generateDyck,
};

const NUMBER = 16;
const SORTED = 1;
const END = 2;

/** Six numbers (0-63 as bytes 16-79), byte 1, the same in ascending order, byte 2; again while it fits. */
const generateSort = (rng: Rng, length: number): TaskSequence => {
  const draft = new Draft(length, 0xfa);
  while (draft.room >= 14) {
    const numbers = Uint8Array.from({ length: 6 }, () => NUMBER + rng.below(64));
    numbers.forEach((byte) => draft.put(byte));
    draft.put(SORTED);
    numbers.sort().forEach((byte) => draft.answer(byte));
    draft.put(END);
  }
  return draft.finish();
};

export const sort: Family = {
  name: 'sort',
  prefix: 0xfa,
  heldOut: true,
  target: true,
  entropyNats: LN[64],
  chanceAccuracy: 1 / 64,
  generate: generateSort,
};

const reversedDigits = (value: number, digits: number): number[] => {
  const bytes: number[] = [];
  for (let rest = value; bytes.length < digits; rest = Math.floor(rest / 10)) bytes.push(48 + (rest % 10));
  return bytes;
};

/** `321+654=9750;`: 123 + 456 = 579, every number with its lowest digit first, the sum in four digits. */
const generateAddition = (rng: Rng, length: number): TaskSequence => {
  const draft = new Draft(length, 0xfb);
  const write = (text: string): void => draft.put(text.charCodeAt(0));
  while (draft.room >= 13) {
    const [a, b] = [rng.below(1000), rng.below(1000)];
    reversedDigits(a, 3).forEach((byte) => draft.put(byte));
    write('+');
    reversedDigits(b, 3).forEach((byte) => draft.put(byte));
    write('=');
    reversedDigits(a + b, 4).forEach((byte) => draft.answer(byte));
    write(';');
  }
  return draft.finish();
};

export const addition: Family = {
  name: 'addition',
  prefix: 0xfb,
  heldOut: true,
  target: true,
  // Three digits of ten, and a carry that is 0 or 1.
  entropyNats: (3 * LN[10] + LN[2]) / 4,
  chanceAccuracy: (3 / 10 + 1 / 2) / 4,
  generate: generateAddition,
};
