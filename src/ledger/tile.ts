import { nodeHash } from './merkle.js';
import type { Nodes } from './proof.js';

/** c2sp.org/tlog-tiles: a tile has up to 256 hashes of one level; eight levels of the tree lie between two levels of tiles. */
export const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;
const HASH_BYTES = 32;
const LENGTH_BYTES = 2;

/** Which tile: `level` of tiles or the entries themselves, number in it, and how many of its 256 places are filled. */
export type Tile = Readonly<{ level: number | 'entries'; index: number; width: number }>;

/** What is no path of a tile, or a tile whose bytes do not fit its path. */
export class TileInvalid extends Error {
  override readonly name = 'TileInvalid';
}

/** 1234067 as x001/x234/067. */
const grouped = (index: number): string => {
  const digits = String(index);
  const padded = digits.padStart(3 * Math.ceil(digits.length / 3), '0');
  const groups = padded.match(/\d{3}/g) ?? [];
  return groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
};

export const tilePath = ({ level, index, width }: Tile): string =>
  `tile/${level}/${grouped(index)}${width < TILE_WIDTH ? `.p/${width}` : ''}`;

const PATH = /^tile\/(0|[1-9]\d?|entries)\/((?:x\d{3}\/)*\d{3})(?:\.p\/([1-9]\d{0,2}))?$/;

/** @throws TileInvalid */
export const parseTilePath = (path: string): Tile => {
  const [, level = '', groups = '', partial] = PATH.exec(path) ?? [];
  const tile: Tile = {
    level: level === 'entries' ? level : Number(level),
    index: Number(groups.replaceAll(/[x/]/g, '')),
    width: partial === undefined ? TILE_WIDTH : Number(partial),
  };
  if (level === '' || tilePath(tile) !== path)
    throw new TileInvalid(`${path}: not a tile; one is tile/0/x001/x234/067 or tile/entries/000.p/12`);
  return tile;
};

/** Tiles that a tree of `size` leaves has and one of `before` had not; partial ones as they stand at `size`. */
export const tilesBetween = (before: number, size: number): readonly Tile[] => {
  const tiles: Tile[] = [];
  const enter = (level: Tile['level'], from: number, to: number): void => {
    if (to === from) return;
    for (let index = Math.floor(from / TILE_WIDTH); index * TILE_WIDTH < to; index += 1)
      tiles.push({ level, index, width: Math.min(TILE_WIDTH, to - index * TILE_WIDTH) });
  };
  enter('entries', before, size);
  let [from, to] = [before, size];
  for (let level = 0; to > 0; level += 1) {
    enter(level, from, to);
    [from, to] = [Math.floor(from / TILE_WIDTH), Math.floor(to / TILE_WIDTH)];
  }
  return tiles;
};

/** The tile that holds, or that the hash follows from, the complete subtree at this place, in a tree of `size` leaves. */
const tileOf = (level: number, index: number, size: number): Tile => {
  const tiles = Math.floor(level / TILE_HEIGHT);
  const first = index * 2 ** (level % TILE_HEIGHT);
  const filled = Math.floor(size / TILE_WIDTH ** tiles);
  const number = Math.floor(first / TILE_WIDTH);
  return { level: tiles, index: number, width: Math.min(TILE_WIDTH, filled - number * TILE_WIDTH) };
};

const hashAt = (tile: Uint8Array, at: number): Uint8Array => tile.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES);

/** Complete subtrees out of tiles. `read` gives a tile's bytes: `width` hashes of 32 bytes each. */
export const nodesOfTiles =
  (size: number, read: (tile: Tile) => Promise<Uint8Array>): Nodes =>
  async (level, index) => {
    const tile = tileOf(level, index, size);
    const bytes = await read(tile);
    if (bytes.length !== tile.width * HASH_BYTES)
      throw new TileInvalid(`${tilePath(tile)}: ${bytes.length} bytes, must be ${tile.width * HASH_BYTES}`);
    const first = (index * 2 ** (level % TILE_HEIGHT)) % TILE_WIDTH;
    const count = 2 ** (level % TILE_HEIGHT);
    let hashes = Array.from({ length: count }, (_, at) => hashAt(bytes, first + at));
    while (hashes.length > 1)
      hashes = hashes.flatMap((left, at) => (at % 2 === 0 ? [nodeHash(left, hashes[at + 1] as Uint8Array)] : []));
    return hashes[0] as Uint8Array;
  };

/** Entries of a tile: each behind its length as uint16, big-endian. */
export const encodeEntries = (entries: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat(
    entries.flatMap((entry) => {
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt16BE(entry.length);
      return [length, entry];
    }),
  );

/** @throws TileInvalid */
export const decodeEntries = (bytes: Uint8Array): readonly Uint8Array[] => {
  const entries: Uint8Array[] = [];
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < view.length;) {
    const end = at + LENGTH_BYTES + (at + LENGTH_BYTES <= view.length ? view.readUInt16BE(at) : Infinity);
    if (end > view.length) throw new TileInvalid(`entries: cut short after entry ${entries.length}`);
    entries.push(view.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
  return entries;
};
