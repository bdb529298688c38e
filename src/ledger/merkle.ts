import { hash } from 'node:crypto';

const HASH_BYTES = 32;
const [LEAF, NODE] = [0, 1];
/** A leaf's entry behind its 0x00: one of a log fits, a longer one is none. */
const leaf = Buffer.alloc(64 * 1024).fill(LEAF, 0, 1);
const node = Buffer.alloc(1 + 2 * HASH_BYTES).fill(NODE, 0, 1);

/** As a string it comes in half the time. */
const digest = (bytes: Uint8Array): Uint8Array => Buffer.from(hash('sha256', bytes, 'binary'), 'binary');

/** RFC 6962 section 2.1: leaf = SHA-256(0x00 || entry). */
export const leafHash = (entry: Uint8Array): Uint8Array => {
  if (entry.length >= leaf.length) return digest(Buffer.concat([Uint8Array.of(LEAF), entry]));
  leaf.set(entry, 1);
  return digest(leaf.subarray(0, 1 + entry.length));
};

/** The same in hex, as people and seeds take it. */
export const leafHex = (entry: Uint8Array): string => Buffer.from(leafHash(entry)).toString('hex');

/** RFC 6962 section 2.1: node = SHA-256(0x01 || left || right). */
export const nodeHash = (left: Uint8Array, right: Uint8Array): Uint8Array => {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES)
    return digest(Buffer.concat([Uint8Array.of(NODE), left, right]));
  node.set(left, 1);
  node.set(right, 1 + HASH_BYTES);
  return digest(node);
};

/** Root of a complete subtree of 2^height leaves. */
export type Peak = Readonly<{ height: number; hash: Uint8Array }>;

/** An append-only RFC 6962 tree that keeps only the roots of its complete subtrees, largest first. */
export class MerkleTree {
  private readonly peaks: Peak[] = [];
  private leaves = 0;

  /** A tree that goes on from the complete subtrees of another, largest first. */
  static of(peaks: readonly Peak[]): MerkleTree {
    const tree = new MerkleTree();
    tree.peaks.push(...peaks);
    tree.leaves = peaks.reduce((sum, { height }) => sum + 2 ** height, 0);
    return tree;
  }

  get size(): number {
    return this.leaves;
  }

  /**
   * @param hash of a leaf, or of a complete subtree
   * @param height of that subtree: the tree must consist of such ones and larger ones so far
   */
  append(hash: Uint8Array, height = 0): void {
    let peak: Peak = { height, hash };
    for (let last = this.peaks.at(-1); last?.height === peak.height; last = this.peaks.at(-1)) {
      this.peaks.pop();
      peak = { height: peak.height + 1, hash: nodeHash(last.hash, peak.hash) };
    }
    this.peaks.push(peak);
    this.leaves += 2 ** height;
  }

  /** The same tree, to go on from by itself. */
  copy(): MerkleTree {
    return MerkleTree.of(this.peaks);
  }

  /** Root over all leaves so far; SHA-256 of nothing for the empty tree. */
  root(): Uint8Array {
    const hashes = this.peaks.map((peak) => peak.hash);
    const last = hashes.pop();
    if (!last) return digest(new Uint8Array());
    return hashes.reduceRight((right, left) => nodeHash(left, right), last);
  }
}

export const merkleRoot = (leaves: Iterable<Uint8Array>): Uint8Array => {
  const tree = new MerkleTree();
  for (const leaf of leaves) tree.append(leaf);
  return tree.root();
};
