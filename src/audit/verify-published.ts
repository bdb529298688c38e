import type { AnyEventType } from '#ledger/event.js';
import { LogDamaged } from '#ledger/log.js';
import type { Verifier } from '#ledger/note.js';
import { rangeHash } from '#ledger/proof.js';
import { TileInvalid } from '#ledger/tile.js';
import { TileStore } from '#ledger/tile-store.js';
import type { Entry } from './domain/entry.js';
import { verification, type Finding, type Verification } from './domain/finding.js';
import { publishedEntries, publishedNodes } from './growing-tree.js';
import type { Inspection } from './inspection.js';
import type { KeptCheckpoint } from './kept-checkpoint.js';
import { Notary } from './notary.js';
import { publishedCheckpoint } from './proving.js';
import { verifyLog, type VerifyProgress } from './verify-log.js';

const BUNDLE = 256;

/** A published log as it was at one moment, while it may go on growing. */
class AtOneMoment extends TileStore {
  constructor(
    private readonly tiles: TileStore,
    private readonly checkpoint: Uint8Array,
  ) {
    super();
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    return path === 'checkpoint' ? this.checkpoint : this.tiles.read(path);
  }

  write(path: string): Promise<void> {
    return Promise.reject(new RangeError(`${path}: a published log is only read here`));
  }

  removePartials(path: string): Promise<void> {
    return this.write(path);
  }
}

/** Entries of the bundles; positions are those of an embedded log, one above the index. */
async function* bundled(tiles: TileStore, size: number): AsyncGenerator<readonly Entry[]> {
  for (let first = 0; first < size; first += BUNDLE) {
    const entries = await publishedEntries(tiles, first / BUNDLE, Math.min(BUNDLE, size - first)).catch(
      (error: unknown) => {
        throw error instanceof TileInvalid ? new LogDamaged(error.message) : error;
      },
    );
    yield entries.map((bytes, at) => ({ position: first + at + 1, bytes, fits: () => true }));
  }
}

/** The higher tiles are what proofs are made from, so they must lead to the root too. */
const wrongNodes = async (tiles: TileStore, size: number, root: Uint8Array): Promise<readonly Finding[]> => {
  const finding = (message: string): readonly Finding[] => [{ position: null, kind: 'checkpoint invalid', message }];
  if (size === 0) return [];
  try {
    const found = Buffer.from(await rangeHash(publishedNodes(tiles, size), 0, size));
    if (Buffer.compare(found, root) === 0) return [];
    return finding(`the tiles have root ${found.toString('hex')} over ${size} records, not the signed one`);
  } catch (error) {
    if (!(error instanceof TileInvalid)) throw error;
    return finding(error.message);
  }
};

export type PublishedOptions = Readonly<{
  events: readonly AnyEventType[];
  inspection?: Inspection;
  key?: Verifier;
  kept?: readonly KeptCheckpoint[];
  onProgress?: (progress: VerifyProgress) => void;
}>;

/**
 * Verifies a log from what it publishes alone: checkpoint, tiles of hashes, bundles of entries. Artifacts and verdicts are
 * not in it.
 * @throws NotSigned, NoteInvalid when what is there is no checkpoint
 */
export const verifyPublished = async (tiles: TileStore, options: PublishedOptions): Promise<Verification> => {
  const { text, checkpoint } = await publishedCheckpoint(tiles);
  const { size, root } = checkpoint;
  const moment = new AtOneMoment(tiles, Buffer.from(text));
  const notary = new Notary(moment, () => Promise.reject(new RangeError('a published log is only read here')));
  const found = await verifyLog(bundled(moment, size), { ...options, notary });
  const { ok: _ok, findings, findingsLeftOut: _left, ...counts } = found;
  const nodes = findings.some(({ kind }) => kind === 'checkpoint invalid') ? [] : await wrongNodes(moment, size, root);
  return nodes.length === 0 ? found : verification(counts, [...findings, ...nodes]);
};
