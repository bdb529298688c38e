import { Seal } from '#audit/seal.js';
import type { AuditedFolder } from '#audit/verify-folder.js';
import { dataFolder } from '#store/data-folder.js';
import { FileArtifacts } from '#store/file-artifacts.js';
import { lmdbEntries } from '#store/lmdb-entries.js';

/** What a verification reads of an embedded data folder. */
export const auditedFolder = (data: string): AuditedFolder => {
  const { log, artifacts, seal } = dataFolder(data);
  return { entries: () => lmdbEntries(log), artifacts: new FileArtifacts(artifacts), seal: new Seal(seal) };
};
