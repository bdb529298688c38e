import { allEvents } from '#event-catalogue.js';
import type { Artifacts } from '#ledger/artifacts.js';
import type { Head } from './domain/audit.js';
import type { Entries } from './domain/entry.js';
import { verified, type Verdicts, type Verification, type Verified } from './domain/finding.js';
import type { Notary } from './notary.js';
import { verifyLog, type VerifyProgress } from './verify-log.js';

/** A data folder beneath its log, or a service: what a verification reads, also where the log refuses to open. */
export type AuditedFolder = Readonly<{ entries: () => Entries; artifacts: Artifacts; notary?: Pick<Notary, 'read'> }>;

export type FolderOptions = Readonly<{
  /** A head kept elsewhere. */
  expected?: Head | undefined;
  onProgress?: (progress: VerifyProgress) => void;
}>;

/** Bytes, order, gaps, root and artifacts of a data folder. Reads only. */
export const verifyFolder = (
  { entries, artifacts, notary }: AuditedFolder,
  { expected, onProgress }: FolderOptions = {},
): Promise<Verification> =>
  verifyLog(entries(), {
    events: allEvents,
    artifacts,
    ...(notary && { notary }),
    ...(expected && { expected }),
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
