import { Notary } from '#audit/notary.js';
import type { AuditedFolder } from '#audit/verify-folder.js';
import type { TileStore } from '#ledger/tile-store.js';
import { dataFolder } from '#store/data-folder.js';
import { FileArtifacts } from '#store/file-artifacts.js';
import { HttpArtifacts } from '#store/http-artifacts.js';
import { httpEntries } from '#store/http-entries.js';
import type { HttpService } from '#store/http-service.js';
import { HttpTiles } from '#store/http-tiles.js';
import { lmdbEntries } from '#store/lmdb-entries.js';
import { TileFolder } from '#store/tile-folder.js';

/** What was published of a log, to read only. */
const published = (tiles: TileStore): Pick<Notary, 'read'> =>
  new Notary(tiles, () => Promise.reject(new RangeError('the log is only read here, and not signed')));

/** What a verification reads of a service. A head kept elsewhere shows a cut tail. */
export const auditedService = (service: HttpService): AuditedFolder => {
  const tiles = new HttpTiles(service);
  return {
    entries: (from) => httpEntries(service, from),
    artifacts: new HttpArtifacts(service),
    notary: published(tiles),
    tiles,
  };
};

/** What a verification reads of an embedded data folder. */
export const auditedFolder = (data: string): AuditedFolder => {
  const { log, artifacts, tlog } = dataFolder(data);
  const tiles = new TileFolder(tlog);
  return {
    entries: (from) => lmdbEntries(log, from),
    artifacts: new FileArtifacts(artifacts),
    notary: published(tiles),
    tiles,
  };
};
