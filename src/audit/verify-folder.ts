import { allEvents } from '#event-catalogue.js';
import type { Artifacts } from '#ledger/artifacts.js';
import type { Verifier } from '#ledger/note.js';
import type { TileStore } from '#ledger/tile-store.js';
import { inspectedByCrew } from './crew.js';
import type { Head } from './domain/audit.js';
import type { Entries } from './domain/entry.js';
import { verified, type Verdicts, type Verification, type Verified } from './domain/finding.js';
import type { KeptCheckpoint } from './kept-checkpoint.js';
import type { Notary } from './notary.js';
import { verifyLog, type VerifyProgress } from './verify-log.js';

/** A data folder beneath its log, or a service: what a verification reads, also where the log refuses to open. */
export type AuditedFolder = Readonly<{
  /** From a position on; without one, all of them. */
  entries: (from?: number) => Entries;
  artifacts: Artifacts;
  notary?: Pick<Notary, 'read'>;
  /** What was published; a verification that goes on from an earlier one needs it. */
  tiles: TileStore;
}>;

export type FolderOptions = Readonly<{
  /** A head kept elsewhere. */
  expected?: Head | undefined;
  /** Earlier checkpoints of the log, kept elsewhere. */
  kept?: readonly KeptCheckpoint[];
  /** A key of the log, known from elsewhere. */
  key?: Verifier | undefined;
  /** Threads to verify with; without it as many as the machine has cores. */
  threads?: number;
  onProgress?: (progress: VerifyProgress) => void;
}>;

/** Bytes, order, gaps, root and artifacts of a data folder. Reads only. */
export const verifyFolder = (
  { entries, artifacts, notary }: AuditedFolder,
  { expected, kept, key, threads, onProgress }: FolderOptions = {},
): Promise<Verification> =>
  verifyLog(entries(), {
    events: allEvents,
    inspection: inspectedByCrew(threads),
    artifacts,
    ...(notary && { notary }),
    ...(expected && { expected }),
    ...(kept && { kept }),
    ...(key && { key }),
    ...(onProgress && { onProgress }),
  });

/**
 * The folder first, then every verdict from its evidence.
 * @param rejudge judges all runs again: only now, since a folder whose records changed may not even open as a log
 */
export const verifyAll = async (
  folder: AuditedFolder,
  rejudge: () => Promise<Verdicts>,
  options: FolderOptions = {},
): Promise<Verified> => verified(await verifyFolder(folder, options), await rejudge());
