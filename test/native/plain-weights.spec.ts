import { describe, expect, it } from '@jest/globals';
import { tensorPlaces, writeValues } from '#evaluation/domain/safetensors.js';
import { Rng } from '#corpus/domain/random.js';
import { loadNative } from '#trainer/native.js';
import { plainWeights } from '#trainer/plain-weights.js';
import { sha256 } from './training-plan.js';

const native = loadNative();
const shape = { dModel: 32, layers: 2, dState: 16, headDim: 32, expand: 2, convWidth: 4, chunk: 64, vocab: 256 };

/** Weights of many sizes and both signs, some of them zero, subnormal or next to each other. */
const drawn = (name: string): Uint8Array => {
  const checkpoint = new Uint8Array(native.initialise(shape, '1'));
  const rng = Rng.from('plain-weights', name);
  const value = (): number => {
    const mantissa = rng.below(1 << 12) * (1 << 12) + rng.below(1 << 12) - (1 << 23);
    const exponent = rng.below(60) - 50;
    return rng.below(20) === 0 ? mantissa * 2 ** -149 : mantissa * 2 ** exponent;
  };
  for (const place of tensorPlaces(checkpoint).values()) writeValues(checkpoint, place, value);
  return checkpoint;
};

describe('figures of checkpoints without native code', () => {
  it('are those of the native code', () => {
    for (const model of [shape, { ...shape, layers: 12 }, { ...shape, dModel: 64, headDim: 16 }]) {
      const checkpoint = native.initialise(model, '7');
      const { architecture, finite } = native.describe(checkpoint);
      expect(plainWeights.describe(checkpoint)).toEqual({ architecture, finite });
    }
    const infinite = drawn('infinite');
    const [place] = [...tensorPlaces(infinite).values()].slice(-1);
    if (place) writeValues(infinite, place, (at) => (at === 5 ? Infinity : 1));
    expect(plainWeights.describe(infinite)).toMatchObject({ finite: false });
    expect(native.describe(infinite)).toMatchObject({ finite: false });
  });

  it.each([0.5, 0.25, Math.fround(0.1), Math.fround(1 / 3), 1])(
    'lie at %d of the way between two models where the native code has them',
    (factor) => {
      for (const pair of ['a', 'b', 'c']) {
        const [from, to] = [drawn(`${pair} from`), drawn(`${pair} to`)];
        expect(sha256(plainWeights.interpolate(from, to, factor))).toBe(sha256(native.interpolate(from, to, factor)));
      }
    },
  );

  it('are rounded once: what is rounded to binary64 in between comes out one step too high', () => {
    const [odd, factor] = [1 + 2 ** -23, 2 ** -24 * (1 + 2 ** -23)];
    const [from, to] = [drawn('from'), drawn('to')];
    for (const place of tensorPlaces(from).values()) {
      writeValues(from, place, () => odd);
      writeValues(to, place, () => 2);
    }
    expect(Math.fround(factor * Math.fround(2 - odd) + odd)).not.toBe(odd);
    expect(sha256(plainWeights.interpolate(from, to, factor))).toBe(sha256(from));
    expect(sha256(native.interpolate(from, to, factor))).toBe(sha256(from));
  });

  it('lie between models of one shape only', () => {
    const other = native.initialise({ ...shape, layers: 1 }, '1');
    expect(() => plainWeights.interpolate(drawn('a'), other, 0.5)).toThrow('differ in shape');
  });
});
