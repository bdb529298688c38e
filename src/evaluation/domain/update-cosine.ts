/** Checkpoints that cannot be compared value by value. */
export class DifferentLayouts extends Error {
  override readonly name = 'DifferentLayouts';
}

/** All weights of a safetensors file in file order; nc-1 files of one model have the same layout. */
const valuesOf = (checkpoint: Uint8Array): Float32Array => {
  const header = Number(new DataView(checkpoint.buffer, checkpoint.byteOffset).getBigUint64(0, true));
  // A copy, since a view of 32-bit floats must begin at a multiple of four; not by `slice`, which in a Buffer is none.
  return new Float32Array(new Uint8Array(checkpoint.subarray(8 + header)).buffer);
};

export type Move = Readonly<{ from: Uint8Array; to: Uint8Array }>;

const dot = (a: Float32Array, b: Float32Array): number => {
  let sum = 0;
  for (let at = 0; at < a.length; at += 1) sum += (a[at] as number) * (b[at] as number);
  return sum;
};

const difference = ({ from, to }: Move): Float32Array => {
  const [before, after] = [valuesOf(from), valuesOf(to)];
  if (before.length !== after.length) throw new DifferentLayouts('the checkpoints of an update differ in shape');
  return after.map((value, at) => value - (before[at] as number));
};

/**
 * Cosine between two successive updates of the weights, summed in file order in binary64; negative: the second takes back
 * what the first did, the mechanism of oscillation. 0 when either moved nothing.
 */
export const updateCosine = (previous: Move, current: Move): number => {
  const [a, b] = [difference(previous), difference(current)];
  if (a.length !== b.length) throw new DifferentLayouts('the two updates are of models that differ in shape');
  const scale = Math.sqrt(dot(a, a)) * Math.sqrt(dot(b, b));
  return scale === 0 ? 0 : dot(a, b) / scale;
};
