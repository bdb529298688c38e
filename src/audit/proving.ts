import { unsignedCheckpoint, type Checkpoint } from '#ledger/checkpoint.js';
import { consistencyProof, inclusionProof, rangeHash } from '#ledger/proof.js';
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

/** Number of records and the root over them. */
export type Tree = Readonly<{ size: number; root: Uint8Array }>;
export type Consistency = Readonly<{ from: Tree; to: Tree; path: readonly Uint8Array[]; signed: Signed }>;
export type Inclusion = Readonly<{ index: number; leaf: Uint8Array; to: Tree; path: readonly Uint8Array[] }> &
  Readonly<{ signed: Signed }>;

const withinSigned = (what: string, size: number, signed: number): void => {
  if (size > signed) throw new NotSigned(`${what} ${size} is not signed: the checkpoint has ${signed} records`);
};

/** That the first `to` records begin with the first `from`; `to`: all that are signed. @throws RangeError, NotSigned, TileInvalid */
export const proveConsistency = async (store: TileStore, from: number, to?: number): Promise<Consistency> => {
  const signed = await publishedCheckpoint(store);
  const { size } = signed.checkpoint;
  const end = to ?? size;
  withinSigned('size', Math.max(from, end), size);
  // Complete subtrees of a smaller tree are those of the larger one, whose tiles are sure to be there.
  const nodes = publishedNodes(store, size);
  const path = await consistencyProof(nodes, from, end);
  const [older, newer] = [await rangeHash(nodes, 0, from), await rangeHash(nodes, 0, end)];
  return { from: { size: from, root: older }, to: { size: end, root: newer }, path, signed };
};

/** That the record with this index (from 0) is among the first `size`; without one, among all signed. @throws as above */
export const proveInclusion = async (store: TileStore, index: number, size?: number): Promise<Inclusion> => {
  const signed = await publishedCheckpoint(store);
  const all = signed.checkpoint.size;
  const end = size ?? all;
  withinSigned('size', Math.max(index + 1, end), all);
  const nodes = publishedNodes(store, all);
  const path = await inclusionProof(nodes, index, end);
  return { index, leaf: await nodes(0, index), to: { size: end, root: await rangeHash(nodes, 0, end) }, path, signed };
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
