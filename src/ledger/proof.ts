import { nodeHash } from './merkle.js';

/** Hash of the complete subtree of 2^level leaves that begins at leaf index * 2^level. */
export type Nodes = (level: number, index: number) => Promise<Uint8Array>;

/** A proof that does not hold, or that is none of this place and size. */
export class ProofInvalid extends Error {
  override readonly name = 'ProofInvalid';
}

/** The largest power of two below n, for n of at least 2. */
const splitOf = (n: number): number => {
  let k = 1;
  while (2 * k < n) k *= 2;
  return k;
};

/** Hash of the leaves from `low` to before `high` as RFC 9162 section 2.1.1 has it, from complete subtrees. */
export const rangeHash = async (nodes: Nodes, low: number, high: number): Promise<Uint8Array> => {
  const n = high - low;
  const level = Math.log2(n);
  if (Number.isInteger(level) && low % n === 0) return nodes(level, low / n);
  const middle = low + splitOf(n);
  return nodeHash(await rangeHash(nodes, low, middle), await rangeHash(nodes, middle, high));
};

/** RFC 9162 section 2.1.3.1: the path from leaf `index` to the root over `size` leaves. */
export const inclusionProof = async (nodes: Nodes, index: number, size: number): Promise<readonly Uint8Array[]> => {
  if (!Number.isInteger(index) || index < 0 || index >= size)
    throw new RangeError(`index ${index}: the tree has ${size} leaves, numbered from 0`);
  const path = async (low: number, high: number): Promise<readonly Uint8Array[]> => {
    if (high - low === 1) return [];
    const middle = low + splitOf(high - low);
    return index < middle
      ? [...(await path(low, middle)), await rangeHash(nodes, middle, high)]
      : [...(await path(middle, high)), await rangeHash(nodes, low, middle)];
  };
  return path(0, size);
};

/** RFC 9162 section 2.1.4.1: that the tree of `size` leaves begins with the one of `first` leaves. */
export const consistencyProof = async (nodes: Nodes, first: number, size: number): Promise<readonly Uint8Array[]> => {
  if (!Number.isInteger(first) || first < 1 || first > size)
    throw new RangeError(`size ${first}: a tree of ${size} leaves is consistent with trees of 1 to ${size} only`);
  const sub = async (low: number, high: number, whole: boolean): Promise<readonly Uint8Array[]> => {
    if (first === high) return whole ? [] : [await rangeHash(nodes, low, high)];
    const middle = low + splitOf(high - low);
    return first <= middle
      ? [...(await sub(low, middle, whole)), await rangeHash(nodes, middle, high)]
      : [...(await sub(middle, high, false)), await rangeHash(nodes, low, middle)];
  };
  return sub(0, size, true);
};

const equal = (a: Uint8Array | undefined, b: Uint8Array): boolean => a !== undefined && Buffer.compare(a, b) === 0;

const isOdd = (n: number): boolean => n % 2 === 1;
const half = (n: number): number => Math.floor(n / 2);

type Walked = Readonly<{ index: number; last: number }>;

/** One node of a path up: on which side of what is known it goes, and where that leads (RFC 9162 section 2.1.3.2). */
const climb = ({ index, last }: Walked): Readonly<{ left: boolean; next: Walked }> => {
  const left = isOdd(index) || index === last;
  let at = { index, last };
  if (left) while (!isOdd(at.index) && at.index > 0) at = { index: half(at.index), last: half(at.last) };
  return { left, next: { index: half(at.index), last: half(at.last) } };
};

/** RFC 9162 section 2.1.3.2. @throws ProofInvalid */
export const verifyInclusion = (
  { index, size }: Readonly<{ index: number; size: number }>,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): void => {
  if (index < 0 || index >= size) throw new ProofInvalid(`index ${index} is not in a tree of ${size} leaves`);
  let at: Walked = { index, last: size - 1 };
  let hash = leaf;
  for (const node of proof) {
    if (at.last === 0) throw new ProofInvalid(`${proof.length} hashes are too many for leaf ${index} of ${size}`);
    const { left, next } = climb(at);
    hash = left ? nodeHash(node, hash) : nodeHash(hash, node);
    at = next;
  }
  if (at.last !== 0) throw new ProofInvalid(`${proof.length} hashes are too few for leaf ${index} of ${size}`);
  if (!equal(hash, root)) throw new ProofInvalid(`leaf ${index} of ${size}: the path leads to another root`);
};

/** RFC 9162 section 2.1.4.2. @throws ProofInvalid */
export const verifyConsistency = (
  first: Readonly<{ size: number; root: Uint8Array }>,
  second: Readonly<{ size: number; root: Uint8Array }>,
  proof: readonly Uint8Array[],
): void => {
  const sizes = `${first.size} and ${second.size}`;
  if (first.size < 1 || first.size > second.size) throw new ProofInvalid(`no tree of ${sizes} leaves grew so`);
  if (first.size === second.size) {
    if (proof.length > 0) throw new ProofInvalid(`trees of ${sizes} leaves need no proof`);
    if (!equal(first.root, second.root)) throw new ProofInvalid(`two trees of ${first.size} leaves differ`);
    return;
  }
  const complete = Number.isInteger(Math.log2(first.size));
  const [start, ...rest] = complete ? [first.root, ...proof] : proof;
  if (!start) throw new ProofInvalid(`the proof for trees of ${sizes} leaves is empty`);
  let at: Walked = { index: first.size - 1, last: second.size - 1 };
  while (isOdd(at.index)) at = { index: half(at.index), last: half(at.last) };
  let [older, newer] = [start, start];
  for (const node of rest) {
    if (at.last === 0) throw new ProofInvalid(`${proof.length} hashes are too many for trees of ${sizes} leaves`);
    const { left, next } = climb(at);
    if (left) older = nodeHash(node, older);
    newer = left ? nodeHash(node, newer) : nodeHash(newer, node);
    at = next;
  }
  if (at.last !== 0) throw new ProofInvalid(`${proof.length} hashes are too few for trees of ${sizes} leaves`);
  if (!equal(older, first.root))
    throw new ProofInvalid(`the tree of ${second.size} leaves does not begin as the older`);
  if (!equal(newer, second.root)) throw new ProofInvalid(`the proof leads to another root over ${second.size} leaves`);
};
