import { Notary } from '#audit/notary.js';
import type { AuditedFolder } from '#audit/verify-folder.js';
import { dataFolder } from '#store/data-folder.js';
import { FileArtifacts } from '#store/file-artifacts.js';
import { HttpArtifacts } from '#store/http-artifacts.js';
import { httpEntries } from '#store/http-entries.js';
import type { HttpService } from '#store/http-service.js';
import { lmdbEntries } from '#store/lmdb-entries.js';
import { TileFolder } from '#store/tile-folder.js';

/** What a verification reads of a service. A head kept elsewhere shows a cut tail. */
export const auditedService = (service: HttpService): AuditedFolder => ({
  entries: () => httpEntries(service),
  artifacts: new HttpArtifacts(service),
});

/** What was published of a log, to read only. */
export const publishedIn = (tlog: string): Notary =>
  new Notary(new TileFolder(tlog), () => Promise.reject(new RangeError(`${tlog}: is read only here`)));

/** What a verification reads of an embedded data folder. */
export const auditedFolder = (data: string): AuditedFolder => {
  const { log, artifacts, tlog } = dataFolder(data);
  const notary = publishedIn(tlog);
  return { entries: () => lmdbEntries(log), artifacts: new FileArtifacts(artifacts), notary };
};
