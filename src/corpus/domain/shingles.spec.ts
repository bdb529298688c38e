import { Rng } from './random.js';
import { NearCopies, SHINGLE_BYTES, eachShingle, overlapping } from './shingles.js';

const noise = (seed: string, length: number): Uint8Array => {
  const rng = Rng.from(seed, 'noise');
  return Uint8Array.from({ length }, () => 97 + rng.below(26));
};

const spliced = (text: Uint8Array, at: number, part: Uint8Array): Uint8Array => {
  const copy = text.slice();
  copy.set(part, at);
  return copy;
};

describe('shingles', () => {
  it('hash the same 64 bytes alike wherever they stand', () => {
    const part = noise('part', SHINGLE_BYTES);
    const hashes = new Map<number, number>();
    eachShingle(spliced(noise('text', 500), 137, part), (hash, at) => hashes.set(at, hash));
    let alone = -1;
    eachShingle(part, (hash) => (alone = hash));
    expect(hashes.size).toBe(500 - SHINGLE_BYTES + 1);
    expect(hashes.get(137)).toBe(alone);
  });

  it('name exactly the windows that share 64 bytes in a row', () => {
    const text = noise('text', 5000);
    const windows = [
      noise('a', 129),
      spliced(noise('b', 129), 30, text.subarray(4000, 4064)),
      spliced(noise('c', 129), 30, text.subarray(4000, 4063)),
      text.subarray(0, 129),
      new Uint8Array(10),
    ];
    expect([...overlapping(windows, [noise('other', 300), text])].sort()).toEqual([1, 3]);
    expect(overlapping([], [text]).size).toBe(0);
  });
});

describe('NearCopies', () => {
  it('recognises a document of which half is known', () => {
    const copies = new NearCopies(10_000);
    const first = noise('first', 4000);
    expect(copies.isCopy(first)).toBe(false);
    expect(copies.isCopy(noise('second', 4000))).toBe(false);
    expect(copies.isCopy(spliced(noise('third', 4000), 0, first.subarray(0, 3000)))).toBe(true);
    expect(copies.isCopy(spliced(noise('fourth', 4000), 0, first.subarray(0, 1000)))).toBe(false);
  });
});
