/** Texts that share this many bytes in a row overlap. */
export const SHINGLE_BYTES = 64;

// Local names: a sandbox such as the test runner's makes every look-up of a global slow.
const { imul } = Math;

const FACTOR = 0x2c1b3c6d;

/** FACTOR^64 modulo 2^32: what the byte that leaves the window still weighs. */
const LEAVING = Array.from({ length: SHINGLE_BYTES }).reduce<number>((power) => imul(power, FACTOR), 1);

const mixed = (x: number): number => {
  const h = imul(x ^ (x >>> 16), 0x85ebca6b);
  return (h ^ (h >>> 13)) >>> 0;
};

/** Calls `visit` with a 32-bit hash of every 64 bytes in a row and the place of the first of them. */
export const eachShingle = (bytes: Uint8Array, visit: (hash: number, at: number) => void): void => {
  let rolling = 0;
  for (let end = 0; end < bytes.length; end += 1) {
    rolling = (imul(rolling, FACTOR) + (bytes[end] as number) + 1) | 0;
    const start = end - SHINGLE_BYTES + 1;
    if (start > 0) rolling = (rolling - imul((bytes[start - 1] as number) + 1, LEAVING)) | 0;
    if (start >= 0) visit(mixed(rolling), start);
  }
};

const sameShingle = (a: Uint8Array, atA: number, b: Uint8Array, atB: number): boolean => {
  for (let i = 0; i < SHINGLE_BYTES; i += 1) if (a[atA + i] !== b[atB + i]) return false;
  return true;
};

/** Shingles of some windows, to be looked up while long text streams by. Hits are compared byte by byte: no false one. */
class WindowShingles {
  private readonly heads: Int32Array;
  private readonly entries: Readonly<{ hash: Uint32Array; window: Uint32Array; at: Uint32Array; next: Int32Array }>;

  constructor(private readonly windows: readonly Uint8Array[]) {
    const total = windows.reduce((sum, { length }) => sum + Math.max(0, length - SHINGLE_BYTES + 1), 0);
    let buckets = 1024;
    while (buckets < 2 * total) buckets *= 2;
    this.heads = new Int32Array(buckets).fill(-1);
    this.entries = {
      hash: new Uint32Array(total),
      window: new Uint32Array(total),
      at: new Uint32Array(total),
      next: new Int32Array(total),
    };
    let entry = 0;
    windows.forEach((bytes, window) => {
      eachShingle(bytes, (hash, at) => {
        const bucket = hash & (this.heads.length - 1);
        this.entries.hash[entry] = hash;
        this.entries.window[entry] = window;
        this.entries.at[entry] = at;
        this.entries.next[entry] = this.heads[bucket] as number;
        this.heads[bucket] = entry;
        entry += 1;
      });
    });
  }

  /** Adds to `found` every window that shares a shingle with the text. */
  search(text: Uint8Array, found: Set<number>): void {
    const { heads, windows } = this;
    const { hash, window, at, next } = this.entries;
    eachShingle(text, (wanted, place) => {
      const bucket = wanted & (heads.length - 1);
      let before = -1;
      for (let entry = heads[bucket] as number; entry >= 0; entry = next[entry] as number) {
        const owner = window[entry] as number;
        const matches =
          hash[entry] === wanted &&
          (found.has(owner) || sameShingle(windows[owner] as Uint8Array, at[entry] as number, text, place));
        if (matches) found.add(owner);
        // Entries of found windows leave the chain: a run of blanks would be in thousands of them, met again and again.
        if (!matches) before = entry;
        else if (before < 0) heads[bucket] = next[entry] as number;
        else next[before] = next[entry] as number;
      }
    });
  }
}

/** Indices of the windows that share 64 bytes in a row with any of the texts. */
export const overlapping = (windows: readonly Uint8Array[], texts: Iterable<Uint8Array>): ReadonlySet<number> => {
  const shingles = new WindowShingles(windows);
  const found = new Set<number>();
  for (const text of texts) shingles.search(text, found);
  return found;
};

const MOST_REMEMBERED = 1_000_000;
const LEAST_SAMPLES = 4;

/** Recognises documents of which at least half was in earlier ones, by a sample of their shingles. */
export class NearCopies {
  private readonly seen = new Set<number>();
  private readonly every: number;

  constructor(totalBytes: number) {
    this.every = Math.max(16, Math.ceil(totalBytes / MOST_REMEMBERED));
  }

  /** True for a near-copy; anything else is remembered. */
  isCopy(bytes: Uint8Array): boolean {
    const sample = new Set<number>();
    eachShingle(bytes, (hash) => {
      if (hash % this.every === 0) sample.add(hash);
    });
    const known = [...sample].filter((hash) => this.seen.has(hash)).length;
    if (sample.size >= LEAST_SAMPLES && known * 2 >= sample.size) return true;
    sample.forEach((hash) => this.seen.add(hash));
    return false;
  }
}
