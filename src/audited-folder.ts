import { Seal } from '#audit/seal.js';
import type { AuditedFolder } from '#audit/verify-folder.js';
import { dataFolder } from '#store/data-folder.js';
import { FileArtifacts } from '#store/file-artifacts.js';
import { HttpArtifacts } from '#store/http-artifacts.js';
import { httpEntries } from '#store/http-entries.js';
import type { HttpService } from '#store/http-service.js';
import { lmdbEntries } from '#store/lmdb-entries.js';

/** What a verification reads of a service. The seal stays beside the log; a head kept elsewhere shows a cut tail. */
export const auditedService = (service: HttpService): AuditedFolder => ({
  entries: () => httpEntries(service),
  artifacts: new HttpArtifacts(service),
});

/** What a verification reads of an embedded data folder. */
export const auditedFolder = (data: string): AuditedFolder => {
  const { log, artifacts, seal } = dataFolder(data);
  return { entries: () => lmdbEntries(log), artifacts: new FileArtifacts(artifacts), seal: new Seal(seal) };
};
