import type { Place } from '#evaluation/domain/safetensors.js';
import { canonicalJson } from '#ledger/record.js';

export type Tensor = Place & Readonly<{ name: string }>;

const ALIGNMENT = 8;

/**
 * A file for the tensors as the trainer writes it: keys sorted, data in their order, the header filled up with spaces.
 * `start` is the byte of the first value; every value is 0.
 */
export const emptyLike = (tensors: readonly Tensor[]): Readonly<{ bytes: Uint8Array; start: number }> => {
  let end = 0;
  const entries = tensors.map(({ name, shape, from, to }) => {
    const begin = end;
    end += to - from;
    return [name, { dtype: 'F32', shape, data_offsets: [begin, end] }] as const;
  });
  const header = canonicalJson(Object.fromEntries(entries));
  const padded = header.padEnd(Math.ceil(header.length / ALIGNMENT) * ALIGNMENT, ' ');
  const start = ALIGNMENT + padded.length;
  const bytes = new Uint8Array(start + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(padded.length), true);
  bytes.set(new TextEncoder().encode(padded), ALIGNMENT);
  return { bytes, start };
};
