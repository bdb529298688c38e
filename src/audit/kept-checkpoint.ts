import { openCheckpoint, unsignedCheckpoint, type Checkpoint } from '#ledger/checkpoint.js';
import { merkleRoot } from '#ledger/merkle.js';
import { NoteInvalid, type Verifier } from '#ledger/note.js';
import { TileInvalid } from '#ledger/tile.js';
import type { TileStore } from '#ledger/tile-store.js';
import type { NotedHead } from './compare-with-heads.js';
import type { Finding } from './domain/finding.js';
import { publishedLeaves } from './growing-tree.js';
import { chainOf, firstKey, type SeenRotation } from './judge-keys.js';
import { leavesOf } from './notary.js';

/** An earlier signed checkpoint that somebody kept. `leaves`: those beneath it, where their tiles were kept with it. */
export type KeptCheckpoint = Readonly<{ by: string; text: string; checkpoint: Checkpoint; leaves?: Uint8Array }>;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');

/**
 * A kept checkpoint as it was signed; with the tiles that lie beside it, if they are those that it was signed over.
 * @throws NoteInvalid
 */
export const keepCheckpoint = async (by: string, text: string, beside: TileStore): Promise<KeptCheckpoint> => {
  const checkpoint = unsignedCheckpoint(text);
  const leaves = await publishedLeaves(beside, checkpoint.size).catch((error: unknown) => {
    if (!(error instanceof TileInvalid)) throw error;
    return undefined;
  });
  const fits = leaves !== undefined && hex(merkleRoot(leavesOf(leaves))) === hex(checkpoint.root);
  return { by, text, checkpoint, ...(fits && { leaves }) };
};

export const keptHead = ({ by, checkpoint }: KeptCheckpoint): NotedHead => ({
  size: checkpoint.size,
  root: hex(checkpoint.root),
  by,
});

/**
 * Whether each kept checkpoint is signed by the key that the log had at its size.
 * @param verifier the key that the log has now; undefined when nobody knows
 */
export const judgeKept = (
  rotations: readonly SeenRotation[],
  verifier: Verifier | undefined,
  kept: readonly KeptCheckpoint[],
): readonly Finding[] => {
  const first = firstKey(rotations, verifier);
  if (!first) return [];
  const { chain } = chainOf(rotations, first);
  return kept.flatMap(({ by, text, checkpoint }): readonly Finding[] => {
    try {
      openCheckpoint(text, [chain.at(checkpoint.size)]);
      return [];
    } catch (error) {
      if (!(error instanceof NoteInvalid)) throw error;
      const { origin, size } = checkpoint;
      const message = `${by}, of "${origin}" over ${size} records, is not signed by the key that the log has at that size: ${error.message}. Of an import, which signs with a key of its own, --expect-size and --expect-root say the same, and the export's verifier reads the checkpoint`;
      return [{ position: null, kind: 'checkpoint invalid', message }];
    }
  });
};
