import { tensorPlaces } from '#evaluation/domain/safetensors.js';
import { sha256 } from '#ledger/digest.js';
import { canonicalJson } from '#ledger/record.js';
import { emptyLike, type Tensor } from './checkpoint-file.js';
import type { JudgedWeights } from './weights.js';

const FLOAT_BYTES = 4;

/** In the order of the file, which is the order of the model. */
const tensorsOf = (checkpoint: Uint8Array): readonly Tensor[] =>
  [...tensorPlaces(checkpoint)].map(([name, place]) => ({ name, ...place })).toSorted((a, b) => a.from - b.from);

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const architectureOf = (tensors: readonly Tensor[]): string =>
  sha256(canonicalJson(tensors.map(({ name, shape }) => ({ name, shape }))));

const bits = new DataView(new ArrayBuffer(8));

/** A binary64 value whose last bit is 0, one step towards where the exact sum lies: rounded again, it rounds as that does. */
const roundedToOdd = (sum: number, error: number): number => {
  bits.setFloat64(0, sum);
  const pattern = bits.getBigInt64(0);
  if (error === 0 || (pattern & 1n) === 1n) return sum;
  const away = error > 0 === sum > 0;
  bits.setBigInt64(0, away ? pattern + 1n : pattern - 1n);
  return bits.getFloat64(0);
};

/** a * b + c of binary32 values, rounded once to binary32: the product of two is exact in binary64. */
const fusedMultiplyAdd = (a: number, b: number, c: number): number => {
  const product = a * b;
  const sum = product + c;
  const part = sum - product;
  const error = product - (sum - part) + (c - part);
  return Math.fround(Number.isFinite(error) ? roundedToOdd(sum, error) : sum);
};

/** What judging asks of checkpoints, with the bits of the native code and without it: for whoever has plain Node. */
export const plainWeights: JudgedWeights = {
  describe: (checkpoint) => {
    const tensors = tensorsOf(checkpoint);
    const view = viewOf(checkpoint);
    const finite = tensors.every(({ from, to }) => {
      for (let at = from; at < to; at += FLOAT_BYTES) if (!Number.isFinite(view.getFloat32(at, true))) return false;
      return true;
    });
    return { architecture: architectureOf(tensors), finite };
  },

  interpolate: (a, b, factor) => {
    const [from, to] = [tensorsOf(a), tensorsOf(b)];
    if (architectureOf(from) !== architectureOf(to)) throw new RangeError('interpolate: the models differ in shape');
    const { bytes, start } = emptyLike(from);
    const [first, second, out] = [viewOf(a), viewOf(b), viewOf(bytes)];
    let at = start;
    from.forEach((tensor, which) => {
      const other = to[which]?.from ?? 0;
      for (let offset = 0; tensor.from + offset < tensor.to; offset += FLOAT_BYTES, at += FLOAT_BYTES) {
        const value = first.getFloat32(tensor.from + offset, true);
        const change = Math.fround(second.getFloat32(other + offset, true) - value);
        out.setFloat32(at, fusedMultiplyAdd(factor, change, value), true);
      }
    });
    return bytes;
  },
};
