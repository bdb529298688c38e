import { unsignedCheckpoint, type Checkpoint } from '#ledger/checkpoint.js';
import { inclusionProof } from '#ledger/proof.js';
import type { TileStore } from '#ledger/tile-store.js';
import { formatTlogProof } from '#ledger/tlog-proof.js';
import { publishedEntries, publishedNodes } from './growing-tree.js';

/** Nothing was signed yet, or not so much. */
export class NotSigned extends Error {
  override readonly name = 'NotSigned';
}

/** The published checkpoint as it stands: whoever relies on it checks its signature. */
export type Signed = Readonly<{ text: string; checkpoint: Checkpoint }>;

/** @throws NotSigned, NoteInvalid */
export const publishedCheckpoint = async (store: TileStore): Promise<Signed> => {
  const bytes = await store.read('checkpoint');
  if (!bytes) throw new NotSigned('nothing of this log is signed yet');
  const text = Buffer.from(bytes).toString('utf8');
  return { text, checkpoint: unsignedCheckpoint(text) };
};

/** The record with this index (from 0), and an offline proof that it is in the log. @throws NotSigned, TileInvalid */
export const proveEntry = async (
  store: TileStore,
  index: number,
): Promise<Readonly<{ entry: Uint8Array; proof: string }>> => {
  const { text, checkpoint } = await publishedCheckpoint(store);
  const { size } = checkpoint;
  if (index >= size) throw new NotSigned(`record ${index} (from 0) is not signed: the checkpoint has ${size} records`);
  const path = await inclusionProof(publishedNodes(store, size), index, size);
  const tile = Math.floor(index / 256);
  const entries = await publishedEntries(store, tile, Math.min(256, size - tile * 256));
  return { entry: entries[index % 256] as Uint8Array, proof: formatTlogProof({ index, path, checkpoint: text }) };
};
