import fc from 'fast-check';
import { proveConsistency, proveInclusion, NotSigned } from '#audit/proving.js';
import { GrowingTree } from '#audit/growing-tree.js';
import { checkpointText, formatCheckpoint } from '#ledger/checkpoint.js';
import { leafHash, nodeHash } from '#ledger/merkle.js';
import { ED25519, Signer } from '#ledger/note.js';
import { TileStore } from '#ledger/tile-store.js';
import { sha256 } from '#ledger/digest.js';

/** Tiles that end with the test. */
class MemoryTiles extends TileStore {
  readonly files = new Map<string, Uint8Array>();
  async read(path: string): Promise<Uint8Array | undefined> {
    return this.files.get(path);
  }
  async write(path: string, bytes: Uint8Array): Promise<void> {
    this.files.set(path, bytes);
  }
  async removePartials(path: string): Promise<void> {
    for (const file of this.files.keys()) if (file.startsWith(`${path}.p/`)) this.files.delete(file);
  }
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const entryOf = (at: number): Uint8Array => Buffer.from(`entry ${at}`);

/** RFC 9162 section 2.1.1, word by word. */
const naiveRoot = (entries: readonly Uint8Array[]): Uint8Array => {
  if (entries.length === 0) return Buffer.from(sha256(new Uint8Array()), 'hex');
  if (entries.length === 1) return leafHash(entries[0] as Uint8Array);
  const k = 2 ** (Math.ceil(Math.log2(entries.length)) - 1);
  return nodeHash(naiveRoot(entries.slice(0, k)), naiveRoot(entries.slice(k)));
};

/** RFC 9162 section 2.1.3.1, PATH(m, D_n), word by word. */
const naivePath = (m: number, entries: readonly Uint8Array[]): readonly Uint8Array[] => {
  if (entries.length === 1) return [];
  const k = 2 ** (Math.ceil(Math.log2(entries.length)) - 1);
  return m < k
    ? [...naivePath(m, entries.slice(0, k)), naiveRoot(entries.slice(k))]
    : [...naivePath(m - k, entries.slice(k)), naiveRoot(entries.slice(0, k))];
};

/** RFC 9162 section 2.1.4.1, SUBPROOF(m, D_n, b), word by word. */
const naiveSubproof = (m: number, entries: readonly Uint8Array[], b: boolean): readonly Uint8Array[] => {
  if (m === entries.length) return b ? [] : [naiveRoot(entries)];
  const k = 2 ** (Math.ceil(Math.log2(entries.length)) - 1);
  return m <= k
    ? [...naiveSubproof(m, entries.slice(0, k), b), naiveRoot(entries.slice(k))]
    : [...naiveSubproof(m - k, entries.slice(k), false), naiveRoot(entries.slice(0, k))];
};

const signer = new Signer('log.test/proofs', ED25519, Buffer.alloc(32, 1));

/** A log published at several sizes, so that most sizes have no partial tile of their own. */
const publishedAt = async (sizes: readonly number[]): Promise<MemoryTiles> => {
  const tiles = new MemoryTiles();
  const tree = await GrowingTree.open(tiles, 0);
  for (const size of sizes) {
    while (tree.size < size) await tree.append(entryOf(tree.size));
    const checkpoint = { origin: signer.verifier.name, size, root: await tree.publish() };
    const note = formatCheckpoint(checkpoint, [signer.sign(checkpointText(checkpoint))]);
    await tiles.write('checkpoint', Buffer.from(note));
  }
  return tiles;
};

const SIZE = 600;
const entries = Array.from({ length: SIZE }, (_, at) => entryOf(at));
let tiles: MemoryTiles;
beforeAll(async () => {
  tiles = await publishedAt([1, 7, 200, 255, 256, 300, 511, SIZE]);
});

const sizes = fc.integer({ min: 1, max: SIZE });
const corner = fc.constantFrom(1, 2, 3, 255, 256, 257, 511, 512, 513, SIZE - 1, SIZE);
const any = fc.oneof(sizes, corner);

describe('proofs from the tiles of a published log', () => {
  it('that it began as an earlier one are those of the definition, for any two sizes', async () => {
    await fc.assert(
      fc.asyncProperty(any, any, async (a, b) => {
        const [from, to] = a < b ? [a, b] : [b, a];
        const proof = await proveConsistency(tiles, from, to);
        expect(proof.path.map(hex)).toEqual(naiveSubproof(from, entries.slice(0, to), true).map(hex));
        expect(hex(proof.from.root)).toBe(hex(naiveRoot(entries.slice(0, from))));
        expect(hex(proof.to.root)).toBe(hex(naiveRoot(entries.slice(0, to))));
      }),
    );
  });

  it('that it has a record are those of the definition, for any record and size', async () => {
    await fc.assert(
      fc.asyncProperty(any, fc.nat(), async (size, pick) => {
        const index = pick % size;
        const proof = await proveInclusion(tiles, index, size);
        expect(proof.path.map(hex)).toEqual(naivePath(index, entries.slice(0, size)).map(hex));
        expect(hex(proof.leaf)).toBe(hex(leafHash(entryOf(index))));
        expect(hex(proof.to.root)).toBe(hex(naiveRoot(entries.slice(0, size))));
      }),
    );
  });

  it('are given up to what is signed, and no further', async () => {
    expect((await proveConsistency(tiles, 5)).to.size).toBe(SIZE);
    expect((await proveInclusion(tiles, SIZE - 1)).to.size).toBe(SIZE);
    for (const asked of [
      proveConsistency(tiles, 5, SIZE + 1),
      proveConsistency(tiles, SIZE + 1),
      proveInclusion(tiles, SIZE),
    ])
      await expect(asked).rejects.toThrow(NotSigned);
  });
});
