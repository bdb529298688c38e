import type { Rng } from '#corpus/domain/random.js';

/** Weights that are no safetensors file of binary32 values. */
export class UnreadableWeights extends Error {
  override readonly name = 'UnreadableWeights';
}

type Tensor = Readonly<{ dtype: string; data_offsets: readonly [number, number] }>;

/** The values of each tensor as views into a copy of the file, in file order. */
const tensorsOf = (copy: Uint8Array): readonly Float32Array[] => {
  const header = Number(new DataView(copy.buffer, copy.byteOffset).getBigUint64(0, true));
  const text = new TextDecoder().decode(copy.subarray(8, 8 + header));
  const named = JSON.parse(text) as Readonly<Record<string, Tensor>>;
  return Object.entries(named)
    .filter(([name]) => name !== '__metadata__')
    .map(
      ([
        name,
        {
          dtype,
          data_offsets: [from, to],
        },
      ]) => {
        if (dtype !== 'F32') throw new UnreadableWeights(`tensor ${name}: dtype ${dtype}; must be F32`);
        const at = copy.byteOffset + 8 + header + from;
        if (at % 4 !== 0) throw new UnreadableWeights(`tensor ${name}: begins at byte ${at}; must be a multiple of 4`);
        return new Float32Array(copy.buffer, at, (to - from) / 4);
      },
    );
};

/** Mean 0, variance 1: the sum of twelve uniform draws, centred. */
const standardDraw = (rng: Rng): number => {
  let sum = 0;
  for (let draw = 0; draw < 12; draw += 1) sum += rng.uniform();
  return sum - 6;
};

/**
 * The same model with noise on every weight: independent draws with `relative` times the root mean square of their tensor as
 * standard deviation. @param rng one stream for the whole file
 */
export const withNoise = (checkpoint: Uint8Array, relative: number, rng: Rng): Uint8Array => {
  // Not `slice`, which in a Buffer is no copy.
  const copy = new Uint8Array(checkpoint);
  for (const values of tensorsOf(copy)) {
    let squares = 0;
    for (const value of values) squares += value * value;
    const scale = relative * Math.sqrt(squares / values.length);
    for (let at = 0; at < values.length; at += 1)
      values[at] = Math.fround((values[at] as number) + scale * standardDraw(rng));
  }
  return copy;
};

/**
 * On the line through two checkpoints of one model: from + factor (to - from), rounded to binary32; beyond `to` above 1.
 * @throws UnreadableWeights when they differ in shape
 */
export const onTheLine = (from: Uint8Array, to: Uint8Array, factor: number): Uint8Array => {
  const copy = new Uint8Array(from);
  const [start, end] = [tensorsOf(copy), tensorsOf(new Uint8Array(to))];
  start.forEach((values, tensor) => {
    const others = end[tensor];
    if (others?.length !== values.length)
      throw new UnreadableWeights(`tensor ${tensor}: ${values.length} values and ${others?.length ?? 'none'}`);
    for (let at = 0; at < values.length; at += 1) {
      const value = values[at] as number;
      values[at] = Math.fround(value + factor * ((others[at] as number) - value));
    }
  });
  return copy;
};
