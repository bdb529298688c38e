const HASH_BYTES = 32;

/** One difference between the leaves that were sealed and those that are there. */
export type LeafChange = Readonly<{
  kind: 'byte change' | 'order swap' | 'gap' | 'insertion' | 'truncation';
  /** Index among the present leaves; their number where the log ends too early. */
  at: number;
  /** How many records are concerned. */
  count: number;
  /** Of an order swap: index of the last record that is out of place. */
  last?: number;
}>;

/** Leaf hashes one after another, 32 bytes each. */
class Leaves {
  readonly count: number;
  private readonly indices = new Map<string, number>();

  constructor(private readonly bytes: Uint8Array) {
    this.count = bytes.length / HASH_BYTES;
  }

  key(index: number): string {
    return String.fromCharCode(...this.bytes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES));
  }

  /** Makes the leaves from an index on findable. */
  indexFrom(start: number): void {
    for (let index = start; index < this.count; index++) this.indices.set(this.key(index), index);
  }

  /** Where a leaf is at or after an index. */
  find(key: string, from: number): number | undefined {
    const index = this.indices.get(key);
    return index !== undefined && index >= from ? index : undefined;
  }
}

const commonPrefix = (a: Uint8Array, b: Uint8Array): number => {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a[at] === b[at]) at += 1;
  return Math.floor(at / HASH_BYTES);
};

/** Last indices of the smallest stretches, from here on, that hold the same leaves in another order. */
const shuffledStretch = (sealed: Leaves, s: number, actual: Leaves, a: number): Readonly<{ s: number; a: number }> => {
  let [lastS, lastA] = [s, a];
  for (let [nextS, nextA] = [s, a]; nextS <= lastS || nextA <= lastA;) {
    if (nextS <= lastS) lastA = Math.max(lastA, actual.find(sealed.key(nextS++), a) ?? a);
    if (nextA <= lastA) lastS = Math.max(lastS, sealed.find(actual.key(nextA++), s) ?? s);
  }
  return { s: lastS, a: lastA };
};

const misplaced = (sealed: Leaves, s: number, actual: Leaves, a: number, last: number): number => {
  let count = 0;
  for (let at = a; at <= last; at++) if (actual.key(at) !== sealed.key(s + at - a)) count += 1;
  return count;
};

/**
 * What happened to a sequence of records since it was sealed. Present leaves beyond the sealed ones are later records
 * and no change.
 * @param sealedBytes leaf hashes as they were sealed, 32 bytes each
 * @param actualBytes leaf hashes of what is there now
 */
export const diffLeaves = (sealedBytes: Uint8Array, actualBytes: Uint8Array): readonly LeafChange[] => {
  const sealed = new Leaves(sealedBytes);
  const actual = new Leaves(actualBytes);
  const start = commonPrefix(sealedBytes, actualBytes);
  if (start === sealed.count) return [];
  sealed.indexFrom(start);
  actual.indexFrom(start);
  const changes: LeafChange[] = [];
  let [s, a] = [start, start];
  while (s < sealed.count) {
    if (a === actual.count) {
      changes.push({ kind: 'truncation', at: a, count: sealed.count - s });
      break;
    }
    const [was, is] = [sealed.key(s), actual.key(a)];
    if (was === is) {
      s += 1;
      a += 1;
      continue;
    }
    const stillThere = actual.find(was, a) !== undefined;
    const knownBefore = sealed.find(is, s) !== undefined;
    if (stillThere && knownBefore) {
      const last = shuffledStretch(sealed, s, actual, a);
      changes.push({ kind: 'order swap', at: a, count: misplaced(sealed, s, actual, a, last.a), last: last.a });
      [s, a] = [last.s + 1, last.a + 1];
    } else if (knownBefore) {
      extend(changes, 'gap', a);
      s += 1;
    } else if (stillThere) {
      extend(changes, 'insertion', a);
      a += 1;
    } else {
      changes.push({ kind: 'byte change', at: a, count: 1 });
      s += 1;
      a += 1;
    }
  }
  return changes;
};

/** Counts one more missing or added record at the same place as one change. */
const extend = (changes: LeafChange[], kind: 'gap' | 'insertion', at: number): void => {
  const last = changes.at(-1);
  const follows = last?.kind === kind && last.at + (kind === 'insertion' ? last.count : 0) === at;
  if (follows) changes[changes.length - 1] = { ...last, count: last.count + 1 };
  else changes.push({ kind, at, count: 1 });
};
