import { leafHash, merkleRoot } from '#ledger/merkle.js';
import { rangeHash, type Nodes } from '#ledger/proof.js';
import {
  decodeEntries,
  encodeEntries,
  nodesOfTiles,
  TILE_WIDTH,
  TileInvalid,
  tilePath,
  type Tile,
} from '#ledger/tile.js';
import type { TileStore } from '#ledger/tile-store.js';

const HASH_BYTES = 32;
/** Full tiles are written when so many wait, so that a long log needs little memory. */
const MOST_WAITING = 64;

type Read = Readonly<{ bytes: Uint8Array; whole: boolean }>;

/** A tile, or the full one that has taken its place. @throws TileInvalid */
const find = async (store: TileStore, tile: Tile): Promise<Read> => {
  const own = await store.read(tilePath(tile));
  if (own) return { bytes: own, whole: tile.width === TILE_WIDTH };
  const full = await store.read(tilePath({ ...tile, width: TILE_WIDTH }));
  if (!full) throw new TileInvalid(`${tilePath(tile)}: missing`);
  return { bytes: full, whole: true };
};

/** The hashes of a tile, or of the first part of the full one that has taken its place. @throws TileInvalid */
export const publishedTile = async (store: TileStore, tile: Tile): Promise<Uint8Array> => {
  const { bytes, whole } = await find(store, tile);
  const expected = (whole ? TILE_WIDTH : tile.width) * HASH_BYTES;
  if (bytes.length !== expected) throw new TileInvalid(`${tilePath(tile)}: ${bytes.length} bytes, must be ${expected}`);
  return bytes.subarray(0, tile.width * HASH_BYTES);
};

/** Entries of a published tree. @throws TileInvalid */
export const publishedEntries = async (
  store: TileStore,
  index: number,
  width: number,
): Promise<readonly Uint8Array[]> => {
  const tile: Tile = { level: 'entries', index, width };
  const entries = decodeEntries((await find(store, tile)).bytes);
  if (entries.length < width) throw new TileInvalid(`${tilePath(tile)}: ${entries.length} entries`);
  return entries.slice(0, width);
};

/** Complete subtrees of a published tree of `size` leaves. */
export const publishedNodes = (store: TileStore, size: number): Nodes =>
  nodesOfTiles(size, (tile) => publishedTile(store, tile));

/** How many hashes stand on a level of tiles in a tree of `size` leaves. */
const countOn = (level: number, size: number): number => Math.floor(size / TILE_WIDTH ** level);

/** The leaf hashes of a published tree, 32 bytes each. @throws TileInvalid */
export const publishedLeaves = async (store: TileStore, size: number): Promise<Uint8Array> => {
  const tiles: Uint8Array[] = [];
  for (let index = 0; index * TILE_WIDTH < size; index += 1) {
    const tile: Tile = { level: 0, index, width: Math.min(TILE_WIDTH, size - index * TILE_WIDTH) };
    tiles.push(await publishedTile(store, tile));
  }
  return Buffer.concat(tiles);
};

/** A published tree that grows: holds the tiles that are not full yet, and writes tiles as they change. */
export class GrowingTree {
  private leaves = 0;
  private entries: Uint8Array[] = [];
  /** Hashes of the last tile of each level, while it is not full. */
  private rows: Uint8Array[][] = [];
  private waiting: Readonly<{ tile: Tile; bytes: Uint8Array }>[] = [];

  constructor(private readonly store: TileStore) {}

  get size(): number {
    return this.leaves;
  }

  /** A tree as it was published at a size. @throws TileInvalid */
  static async open(store: TileStore, size: number): Promise<GrowingTree> {
    const tree = new GrowingTree(store);
    tree.leaves = size;
    for (let level = 0; countOn(level, size) > 0; level += 1) {
      const width = countOn(level, size) % TILE_WIDTH;
      const index = Math.floor(countOn(level, size) / TILE_WIDTH);
      const bytes = width === 0 ? new Uint8Array() : await publishedTile(store, { level, index, width });
      tree.rows.push(Array.from({ length: width }, (_, at) => bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)));
    }
    const width = size % TILE_WIDTH;
    const index = Math.floor(size / TILE_WIDTH);
    if (width > 0) tree.entries = [...(await publishedEntries(store, index, width))];
    return tree;
  }

  async append(entry: Uint8Array): Promise<void> {
    this.entries.push(entry);
    this.leaves += 1;
    if (this.entries.length === TILE_WIDTH) {
      this.wait('entries', this.leaves, encodeEntries(this.entries));
      this.entries = [];
    }
    this.enter(0, leafHash(entry));
    if (this.waiting.length >= MOST_WAITING) await this.writeWaiting();
  }

  /** Writes whatever is not on disk yet; resolves with the root over all leaves. */
  async publish(): Promise<Uint8Array> {
    if (this.entries.length > 0) this.wait('entries', this.leaves, encodeEntries(this.entries));
    this.rows.forEach((row, level) => {
      if (row.length > 0) this.wait(level, countOn(level, this.leaves), Buffer.concat(row));
    });
    await this.writeWaiting();
    return this.leaves === 0 ? merkleRoot([]) : rangeHash(publishedNodes(this.store, this.leaves), 0, this.leaves);
  }

  private enter(level: number, hash: Uint8Array): void {
    const row = (this.rows[level] ??= []);
    row.push(hash);
    if (row.length < TILE_WIDTH) return;
    this.wait(level, countOn(level, this.leaves), Buffer.concat(row));
    this.rows[level] = [];
    this.enter(level + 1, merkleRoot(row));
  }

  /** `count`: how many hashes or entries there are on the level, this tile's the last of them. */
  private wait(level: Tile['level'], count: number, bytes: Uint8Array): void {
    const index = Math.ceil(count / TILE_WIDTH) - 1;
    this.waiting.push({ tile: { level, index, width: count - index * TILE_WIDTH }, bytes });
  }

  private async writeWaiting(): Promise<void> {
    const { waiting } = this;
    this.waiting = [];
    for (const { tile, bytes } of waiting) {
      await this.store.write(tilePath(tile), bytes);
      if (tile.width === TILE_WIDTH) await this.store.removePartials(tilePath(tile));
    }
  }
}
