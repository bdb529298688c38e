import { hash128, type Words } from './hash128.js';

// Local names: a sandbox such as the test runner's makes every look-up of a global slow.
const { imul, floor } = Math;

const mulhi = (a: number, b: number): number => {
  const [al, ah, bl, bh] = [a & 0xffff, a >>> 16, b & 0xffff, b >>> 16];
  const low = al * bh;
  const high = ah * bl;
  const middle = ((al * bl) >>> 16) + (low & 0xffff) + (high & 0xffff);
  return (ah * bh + (low >>> 16) + (high >>> 16) + (middle >>> 16)) >>> 0;
};

/** Philox4x32-10 (Salmon et al. 2011): four words out of a counter of four words and a key of two. */
export const philox = (counter: Words, key0: number, key1: number, into: Uint32Array): void => {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = [key0, key1];
  for (let round = 0; round < 10; round += 1) {
    const high0 = mulhi(0xd2511f53, c0);
    const high1 = mulhi(0xcd9e8d57, c2);
    const low0 = imul(0xd2511f53, c0);
    const low1 = imul(0xcd9e8d57, c2);
    c0 = (high1 ^ c1 ^ k0) >>> 0;
    c1 = low1 >>> 0;
    c2 = (high0 ^ c3 ^ k1) >>> 0;
    c3 = low0 >>> 0;
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  into[0] = c0;
  into[1] = c1;
  into[2] = c2;
  into[3] = c3;
};

const encoder = new TextEncoder();

/**
 * Counter-based random numbers. A stream is named by a seed and labels (purpose, domain, cycle): MurmurHash3_x86_128 of
 * the UTF-8 JSON array `[seed, ...labels]` gives words w0..w3; draw i of branch b is word i mod 4 of
 * Philox4x32-10(counter = [floor(i / 4), b, w2, w3], key = [w0, w1]). No draw of one stream can shift another's.
 */
export class Rng {
  private readonly block = new Uint32Array(4);
  private drawn = 0;

  private constructor(
    private readonly name: Words,
    private readonly branchIndex: number,
  ) {}

  static from(seed: string, ...labels: readonly (string | number)[]): Rng {
    return new Rng(hash128(encoder.encode(JSON.stringify([seed, ...labels]))), 0);
  }

  /** Branch b (0 to 2^32 - 1) of this stream, from its first draw: one per sequence, block or document. */
  branch(b: number): Rng {
    return new Rng(this.name, b >>> 0);
  }

  /** Next word: uniform on 0 .. 2^32 - 1. */
  next(): number {
    const lane = this.drawn & 3;
    if (lane === 0) this.fill(this.drawn >>> 2);
    this.drawn += 1;
    return this.block[lane] as number;
  }

  /** Next integer in 0 .. n-1, for n up to 2^20; the bias is below n / 2^32. */
  below(n: number): number {
    return floor((this.next() * n) / 4294967296);
  }

  /** Next multiple of 2^-24 in [0, 1). */
  uniform(): number {
    return (this.next() >>> 8) * 2 ** -24;
  }

  /** Fisher-Yates from the end, in place. */
  shuffle<T>(items: T[]): T[] {
    for (let last = items.length - 1; last > 0; last -= 1) {
      const other = this.below(last + 1);
      [items[last], items[other]] = [items[other] as T, items[last] as T];
    }
    return items;
  }

  private fill(block: number): void {
    philox([block, this.branchIndex, this.name[2], this.name[3]], this.name[0], this.name[1], this.block);
  }
}
