import { Rng } from '#corpus/domain/random.js';
import { onTheLine, UnreadableWeights, withNoise } from './known-effect.js';

/** A safetensors file with one tensor of `count` ones and one of twos. */
const file = (count: number, dtype = 'F32'): Uint8Array => {
  const of = (from: number) => ({ dtype, shape: [count], data_offsets: [from, from + 4 * count] });
  const json = JSON.stringify({ __metadata__: { format: 'x' }, one: of(0), two: of(4 * count) });
  const header = json.padEnd(Math.ceil(json.length / 8) * 8);
  const bytes = new Uint8Array(8 + header.length + 8 * count);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(new TextEncoder().encode(header), 8);
  new Float32Array(bytes.buffer, 8 + header.length).fill(1, 0, count).fill(2, count);
  return bytes;
};
const values = (bytes: Uint8Array, count: number): Float32Array => new Float32Array(bytes.slice(-8 * count).buffer);
const spread = (of: Float32Array, about: number): number =>
  Math.sqrt(of.reduce((sum, value) => sum + (value - about) ** 2, 0) / of.length);

describe('noise on weights', () => {
  it('has the wanted size relative to each tensor, and leaves the file and its header alone', () => {
    const count = 20_000;
    const original = Buffer.from(file(count));
    const noisy = withNoise(original, 0.1, Rng.from('7', 'noise'));
    expect(new Uint8Array(original)).toEqual(file(count));
    expect(noisy.slice(0, -8 * count)).toEqual(file(count).slice(0, -8 * count));
    const [one, two] = [values(noisy, count).slice(0, count), values(noisy, count).slice(count)];
    expect(Math.abs(spread(one, 1) / 0.1 - 1)).toBeLessThan(0.03);
    expect(Math.abs(spread(two, 2) / 0.2 - 1)).toBeLessThan(0.03);
  });

  it('is the same for the same seed, another for another', () => {
    const noisy = (seed: string) => withNoise(file(50), 0.01, Rng.from(seed, 'noise'));
    expect(noisy('7')).toEqual(noisy('7'));
    expect(noisy('7')).not.toEqual(noisy('8'));
  });

  it('refuses weights of another kind', () =>
    expect(() => withNoise(file(4, 'F16'), 0.1, Rng.from('7', 'noise'))).toThrow(UnreadableWeights));
});

describe('the line through two checkpoints', () => {
  const filled = (value: number): Uint8Array => {
    const bytes = file(3);
    new Float32Array(bytes.buffer, bytes.length - 24).fill(value);
    return bytes;
  };

  it.each([
    [0, 1],
    [0.5, 2],
    [1, 3],
    [3, 7],
    [-1, -1],
  ])('at factor %p has value %p', (factor, value) =>
    expect(onTheLine(Buffer.from(filled(1)), Buffer.from(filled(3)), factor)).toEqual(filled(value)),
  );

  it('refuses models of different shapes', () =>
    expect(() => onTheLine(file(3), file(4), 0.5)).toThrow('tensor 0: 3 values and 4'));
});
