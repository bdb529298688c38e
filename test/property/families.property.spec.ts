import fc from 'fast-check';
import type { Family, TaskSequence } from '#corpus/domain/family.js';
import { familiesOf } from '#corpus/domain/families.js';
import { Rng } from '#corpus/domain/random.js';

/** Answers recomputed from the bytes alone, by code that shares nothing with the generators. */
type Checker = (bytes: readonly number[], scoredAt: (at: number) => boolean) => void;

const RUN_SEED = 'properties';
const lengths = fc.constantFrom(64, 128, 192, 256);

const familyNamed = (name: string): Family => familiesOf(RUN_SEED).find((family) => family.name === name) as Family;
const ended = (bytes: readonly number[]): number => {
  let end = bytes.length;
  while (end > 1 && bytes[end - 1] === 0) end -= 1;
  return end;
};

/** Compares cheaply first: there are millions of bytes to compare. */
const is = (seen: unknown, wanted: unknown): void => {
  if (!Object.is(seen, wanted)) expect(seen).toBe(wanted);
};

const recall: Checker = (bytes, scoredAt) => {
  const bound = new Map<number, number>();
  for (let at = 1; at + 1 < bytes.length; at += 2) {
    const [key, value] = [bytes[at] as number, bytes[at + 1] as number];
    is(key >= 16 && key < 24 && value >= 96 && value < 104, true);
    is(scoredAt(at + 1), bound.has(key));
    is(bound.get(key) ?? value, value);
    is(scoredAt(at), false);
    bound.set(key, value);
  }
};

const selectiveCopy: Checker = (bytes, scoredAt) => {
  const text = bytes.slice(1, ended(bytes));
  let at = 1;
  while (at - 1 < text.length) {
    const mark = bytes.indexOf(2, at);
    const symbols = bytes.slice(at, mark).filter((byte) => byte !== 1);
    is(symbols.length >= 1 && symbols.length <= 6, true);
    expect(bytes.slice(mark + 1, mark + 1 + symbols.length)).toEqual(symbols);
    for (let t = at; t <= mark + symbols.length; t += 1) is(scoredAt(t), t > mark);
    at = mark + 1 + symbols.length;
  }
};

const periodicCopy: Checker = (bytes, scoredAt) => {
  const first = bytes.findIndex((_, at) => scoredAt(at));
  const period = first - 1;
  is(period >= 2 && period <= 13, true);
  for (let at = first; at < bytes.length; at += 1) {
    is(scoredAt(at), true);
    is(bytes[at], bytes[at - period]);
  }
};

const dyck: Checker = (bytes, scoredAt) => {
  let open = '';
  for (let at = 1; at < bytes.length; at += 1) {
    const byte = bytes[at] as number;
    const closes = byte >= 32;
    is(scoredAt(at), closes);
    if (closes) is(open.endsWith(String(byte - 32)), true);
    open = closes ? open.slice(0, -1) : open + String(byte - 16);
    expect(open.length).toBeLessThanOrEqual(12);
  }
};

const sort: Checker = (bytes, scoredAt) => {
  for (let at = 1; at + 14 <= ended(bytes); at += 14) {
    const given = bytes.slice(at, at + 6);
    expect([bytes[at + 6], bytes[at + 13]]).toEqual([1, 2]);
    expect(bytes.slice(at + 7, at + 13)).toEqual([...given].sort((a, b) => a - b));
    for (let t = at; t < at + 14; t += 1) is(scoredAt(t), t >= at + 7 && t < at + 13);
  }
};

const addition: Checker = (bytes, scoredAt) => {
  const text = String.fromCharCode(...bytes.slice(1, ended(bytes)));
  expect(text).toMatch(/^(\d{3}\+\d{3}=\d{4};)+$/);
  const backwards = (digits: string): number => Number([...digits].reverse().join(''));
  for (const line of text.split(';').slice(0, -1)) {
    const [left, sum] = line.split('=') as [string, string];
    const [a, b] = left.split('+') as [string, string];
    is(backwards(a) + backwards(b), backwards(sum));
  }
  for (let at = 1; at < bytes.length; at += 1)
    is(scoredAt(at), at < ended(bytes) && (at - 1) % 13 >= 8 && (at - 1) % 13 < 12);
};

const everyValue = new Map<number, number>();
const memorise: Checker = (bytes, scoredAt) => {
  for (let at = 1; at + 2 < bytes.length; at += 3) {
    const [high, low, value] = bytes.slice(at, at + 3) as [number, number, number];
    is(high < 32 && low >= 32 && low < 64 && value >= 160 && value < 224, true);
    const key = high * 32 + low - 32;
    is(everyValue.get(key) ?? value, value);
    everyValue.set(key, value);
    expect([at, at + 1, at + 2].map(scoredAt)).toEqual([false, false, true]);
  }
};

const markov: Checker = (bytes, scoredAt) => {
  bytes.slice(1).forEach((byte, at) => {
    is(byte >= 16 && byte < 22, true);
    is(scoredAt(at + 1), at > 0);
  });
};

const CHECKERS: Readonly<Record<string, Checker>> = {
  recall,
  'selective-copy': selectiveCopy,
  'periodic-copy': periodicCopy,
  dyck,
  sort,
  addition,
  memorise,
  markov,
};

const generated = (name: string): fc.Arbitrary<TaskSequence> =>
  fc
    .tuple(fc.string(), fc.nat(100_000), lengths)
    .map(([seed, branch, length]) => familyNamed(name).generate(Rng.from(seed, name).branch(branch), length));

describe('answers of every family follow from the bytes before them', () => {
  it.each(Object.keys(CHECKERS))('%s', (name) => {
    fc.assert(
      fc.property(generated(name), ({ tokens, targets, mask }) => {
        const bytes = [...tokens, targets[targets.length - 1] as number];
        expect(bytes[0]).toBe(familyNamed(name).prefix);
        expect([...targets]).toEqual(bytes.slice(1));
        expect(mask.some((scored) => scored === 1)).toBe(true);
        CHECKERS[name]?.(bytes, (at) => at > 0 && mask[at - 1] === 1);
      }),
      { numRuns: 60 },
    );
  });

  it('unlearnable: the sum modulo 3 of all steps so far, never shown', () => {
    fc.assert(
      fc.property(generated('unlearnable'), ({ tokens, targets, mask }) => {
        const steps = [...tokens].slice(1).map((byte) => byte - 16);
        expect(steps.every((step) => step >= 0 && step < 3)).toBe(true);
        steps.forEach((_, at) => {
          const sum = steps.slice(0, at + 1).reduce((a, b) => a + b, 0);
          is(targets[at + 1], 48 + (sum % 3));
          is(mask[at + 1], at + 1 > 8 ? 1 : 0);
        });
      }),
      { numRuns: 60 },
    );
  });
});
