import { merkleRoot, MerkleTree } from '#ledger/merkle.js';
import type { Entry } from './domain/entry.js';
import { BLOCK, BLOCK_HEIGHT, type Inspected } from './inspector.js';

const HASH_BYTES = 32;
const FIRST_CAPACITY = 1024;

/** Leaf hashes in log order with the positions they came from, packed: a million records take 40 MB. */
export class LeafTape {
  private bytes = new Uint8Array(FIRST_CAPACITY * HASH_BYTES);
  private places = new Float64Array(FIRST_CAPACITY);
  private used = 0;
  /** Roots over the blocks of leaves, as far as somebody has hashed them. */
  private readonly blocks = new Map<number, Uint8Array>();

  /** @param start position of the record before the first leaf; 0 at the beginning of a log */
  constructor(private readonly start = 0) {}

  get count(): number {
    return this.used;
  }

  /** The leaves, 32 bytes each. */
  get leaves(): Uint8Array {
    return this.bytes.subarray(0, this.used * HASH_BYTES);
  }

  append(entries: readonly Entry[], { leaves, root }: Pick<Inspected, 'leaves' | 'root'>): void {
    if (root && this.used % BLOCK === 0) this.blocks.set(this.used / BLOCK, root);
    while (this.used + entries.length > this.places.length) this.grow();
    this.bytes.set(leaves, this.used * HASH_BYTES);
    for (const { position } of entries) {
      this.places[this.used] = position;
      this.used += 1;
    }
  }

  /** Position of a leaf, or the one after the last where the tape has ended. */
  positionAt(index: number): number {
    const place = index < this.used ? this.places[index] : undefined;
    return place ?? this.after(index);
  }

  /** The position right after the leaf before this index. */
  after(index: number): number {
    return (this.places[Math.min(index, this.used) - 1] ?? this.start) + 1;
  }

  /** Roots (hex) over the first `sizes[i]` leaves for each i, none beyond the end. */
  rootsAt(sizes: readonly number[]): readonly string[] {
    const roots = new Map<number, string>();
    const tree = new MerkleTree();
    for (const size of sizes.toSorted((a, b) => a - b)) {
      if (size > this.used) break;
      while (tree.size + BLOCK <= size) tree.append(this.blockAt(tree.size / BLOCK), BLOCK_HEIGHT);
      const whole = tree.copy();
      while (whole.size < size) whole.append(this.leafAt(whole.size));
      roots.set(size, Buffer.from(whole.root()).toString('hex'));
    }
    return sizes.map((size) => roots.get(size) as string);
  }

  private leafAt(index: number): Uint8Array {
    return this.bytes.slice(index * HASH_BYTES, (index + 1) * HASH_BYTES);
  }

  private blockAt(block: number): Uint8Array {
    const known = this.blocks.get(block);
    if (known) return known;
    const root = merkleRoot(Array.from({ length: BLOCK }, (_, at) => this.leafAt(block * BLOCK + at)));
    this.blocks.set(block, root);
    return root;
  }

  private grow(): void {
    const bytes = new Uint8Array(this.bytes.length * 2);
    bytes.set(this.bytes);
    const places = new Float64Array(this.places.length * 2);
    places.set(this.places);
    this.bytes = bytes;
    this.places = places;
  }
}
