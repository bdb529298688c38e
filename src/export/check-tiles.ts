import { publishedLeaves, publishedNodes } from '#audit/growing-tree.js';
import { leavesOf } from '#audit/notary.js';
import type { Checkpoint } from '#ledger/checkpoint.js';
import { merkleRoot } from '#ledger/merkle.js';
import { consistencyProof, ProofInvalid, verifyConsistency, type Nodes } from '#ledger/proof.js';
import { TILE_WIDTH, TileInvalid, tilePath, tilesBetween } from '#ledger/tile.js';
import type { TileStore } from '#ledger/tile-store.js';
import type { ExportFinding } from './domain/report.js';

const HASH_BYTES = 32;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

const changed = (message: string): ExportFinding => ({ position: null, kind: 'tile changed', message });

/** The hashes of a tree, and what is wrong with the tiles that should hold them. */
export type Tree = Readonly<{ leaves: Uint8Array; nodes: Nodes; findings: readonly ExportFinding[] }>;

/** Roots of the tiles below: the row of hashes that the next level of tiles must hold. */
const rowAbove = (row: Uint8Array): Uint8Array => {
  const roots: Uint8Array[] = [];
  const width = TILE_WIDTH * HASH_BYTES;
  for (let at = 0; at + width <= row.length; at += width)
    roots.push(merkleRoot(leavesOf(row.subarray(at, at + width))));
  return Buffer.concat(roots);
};

/** Every level must follow from the one below. */
const wrongLevels = async (store: TileStore, size: number, leaves: Uint8Array): Promise<readonly ExportFinding[]> => {
  const found: ExportFinding[] = [];
  let [row, level] = [leaves, 0];
  for (const tile of tilesBetween(0, size)) {
    if (tile.level === 'entries' || tile.level === 0) continue;
    if (tile.level > level) [row, level] = [rowAbove(row), tile.level];
    const begin = tile.index * TILE_WIDTH * HASH_BYTES;
    const bytes = await store.read(tilePath(tile));
    if (!bytes || Buffer.compare(bytes, row.subarray(begin, begin + tile.width * HASH_BYTES)) !== 0)
      found.push(changed(`${tilePath(tile)}: not the roots of the tiles below`));
  }
  return found;
};

/** Reads the tiles of a tree, which must have the root of its checkpoint. */
export const readTree = async (store: TileStore, { size, root }: Checkpoint): Promise<Tree> => {
  const nodes = publishedNodes(store, size);
  try {
    const leaves = await publishedLeaves(store, size);
    const own = merkleRoot(leavesOf(leaves));
    if (Buffer.compare(own, root) === 0) return { leaves, nodes, findings: await wrongLevels(store, size, leaves) };
    const findings = [changed(`tile/0: the hashes of the records have root ${hex(own)}, signed is ${hex(root)}`)];
    return { leaves: new Uint8Array(), nodes, findings };
  } catch (error) {
    if (!(error instanceof TileInvalid)) throw error;
    return { leaves: new Uint8Array(), nodes, findings: [changed(error.message)] };
  }
};

/** Whether the log begins as an older checkpoint of it says. */
export const wrongGrowth = async (
  { nodes }: Tree,
  older: Checkpoint,
  now: Checkpoint,
): Promise<readonly ExportFinding[]> => {
  if (older.size > now.size) {
    const message = `the export ends with ${now.size} records, the checkpoint that was given has ${older.size}`;
    return [{ position: now.size + 1, kind: 'truncation', message }];
  }
  if (older.size === 0) return [];
  try {
    verifyConsistency(older, now, await consistencyProof(nodes, older.size, now.size));
    return [];
  } catch (error) {
    if (!(error instanceof ProofInvalid) && !(error instanceof TileInvalid)) throw error;
    const message = `the first ${older.size} records are not those of the checkpoint that was given: ${error.message}`;
    return [{ position: null, kind: 'root mismatch', message }];
  }
};
