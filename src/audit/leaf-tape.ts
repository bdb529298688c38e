import { MerkleTree } from '#ledger/merkle.js';

const HASH_BYTES = 32;
const FIRST_CAPACITY = 1024;

/** Leaf hashes in log order with the positions they came from, packed: a million records take 40 MB. */
export class LeafTape {
  private bytes = new Uint8Array(FIRST_CAPACITY * HASH_BYTES);
  private places = new Float64Array(FIRST_CAPACITY);
  private used = 0;
  private readonly roots = new Map<number, string>();

  /** @param start position of the record before the first leaf; 0 at the beginning of a log */
  constructor(private readonly start = 0) {}

  get count(): number {
    return this.used;
  }

  /** The leaves, 32 bytes each. */
  get leaves(): Uint8Array {
    return this.bytes.subarray(0, this.used * HASH_BYTES);
  }

  append(leaf: Uint8Array, position: number): void {
    if (this.used === this.places.length) this.grow();
    this.bytes.set(leaf, this.used * HASH_BYTES);
    this.places[this.used] = position;
    this.used += 1;
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

  /** Roots (hex) over the first `sizes[i]` leaves for each i, none beyond the end; what was asked before is not hashed again. */
  rootsAt(sizes: readonly number[]): readonly string[] {
    const wanted = new Set(sizes.filter((size) => !this.roots.has(size)));
    if (wanted.size > 0) this.hashAt(wanted.add(this.used));
    return sizes.map((size) => this.roots.get(size) as string);
  }

  /** All in one go, the whole tape with them, since its root is wanted sooner or later. */
  private hashAt(sizes: ReadonlySet<number>): void {
    const tree = new MerkleTree();
    const note = (): void => {
      if (sizes.has(tree.size)) this.roots.set(tree.size, Buffer.from(tree.root()).toString('hex'));
    };
    note();
    while (tree.size < this.used) {
      tree.append(this.bytes.slice(tree.size * HASH_BYTES, (tree.size + 1) * HASH_BYTES));
      note();
    }
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
