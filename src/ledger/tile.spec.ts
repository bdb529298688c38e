import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { leafHash, merkleRoot } from './merkle.js';
import { rangeHash } from './proof.js';
import {
  decodeEntries,
  encodeEntries,
  nodesOfTiles,
  parseTilePath,
  TileInvalid,
  tilePath,
  tilesBetween,
  type Tile,
} from './tile.js';

describe('the path of a tile', () => {
  it.each<[string, Tile]>([
    ['tile/0/000', { level: 0, index: 0, width: 256 }],
    ['tile/0/x001/x234/067', { level: 0, index: 1_234_067, width: 256 }],
    ['tile/1/000.p/5', { level: 1, index: 0, width: 5 }],
    ['tile/entries/x001/000.p/255', { level: 'entries', index: 1000, width: 255 }],
  ])('%s', (path, tile) => {
    expect(tilePath(tile)).toBe(path);
    expect(parseTilePath(path)).toEqual(tile);
  });

  it.each(['tile/0/0', 'tile/0/x000/001', 'tile/0/001.p/0', 'tile/0/001.p/256', 'tile/x/001', 'tile/0/../key', 'key'])(
    'is none: %s',
    (path) => expect(() => parseTilePath(path)).toThrow(TileInvalid),
  );
});

const leavesOf = (size: number): readonly Uint8Array[] =>
  Array.from({ length: size }, (_, at) => leafHash(Buffer.from(`entry ${at}`)));

/** Hashes of a level of tiles, as the definition has them. */
const levelOf = (leaves: readonly Uint8Array[], level: number): readonly Uint8Array[] => {
  if (level === 0) return leaves;
  const below = levelOf(leaves, level - 1);
  return Array.from({ length: Math.floor(below.length / 256) }, (_, at) =>
    merkleRoot(below.slice(256 * at, 256 * (at + 1))),
  );
};

describe('tiles', () => {
  it('hold every subtree of a tree', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1500 }), async (size) => {
        const leaves = leavesOf(size);
        const nodes = nodesOfTiles(size, async ({ level, index, width }) =>
          Buffer.concat(levelOf(leaves, Number(level)).slice(256 * index, 256 * index + width)),
        );
        expect(Buffer.from(await rangeHash(nodes, 0, size))).toEqual(Buffer.from(merkleRoot(leaves)));
      }),
      { numRuns: 20 },
    );
  });

  it('of a larger tree are those of the smaller one and what came to it', () => {
    const names = (before: number, size: number): readonly string[] => tilesBetween(before, size).map(tilePath);
    expect(names(0, 3)).toEqual(['tile/entries/000.p/3', 'tile/0/000.p/3']);
    expect(names(255, 257)).toEqual([
      'tile/entries/000',
      'tile/entries/001.p/1',
      'tile/0/000',
      'tile/0/001.p/1',
      'tile/1/000.p/1',
    ]);
    expect(names(512, 512)).toEqual([]);
  });

  it('have entries behind their lengths, and are refused when cut short', () => {
    const entries = [Buffer.from('a'), Buffer.alloc(0), Buffer.alloc(65_535, 1)];
    const bytes = encodeEntries(entries);
    expect(decodeEntries(bytes).map((entry) => Buffer.from(entry))).toEqual(entries);
    for (const cut of [1, bytes.length - 1]) expect(() => decodeEntries(bytes.subarray(0, cut))).toThrow(TileInvalid);
  });
});
