import { mkdir } from 'node:fs/promises';
import { Notary } from '#audit/notary.js';
import { ED25519, Signer } from '#ledger/note.js';
import { CountedIds } from '#store/counted-ids.js';
import { dataFolder } from '#store/data-folder.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { TileFolder } from '#store/tile-folder.js';
import { group, type Acknowledged } from './appended.js';

/** Ids below were given out before the workload began. */
export const FIRST_NEW_ID = 1_000_000;
/** Two records short of a full tile. */
const EARLIER_RECORDS = 254;

/** Signs the log of a data folder by a key that lies nowhere. */
export const notaryOf = (data: string): Notary =>
  new Notary(
    new TileFolder(dataFolder(data).tlog),
    async () => new Signer('log.test/faults', ED25519, Buffer.alloc(32, 7)),
  );

/** A data folder as it is before a fault, and what was acknowledged in it. */
export type SmallData = Readonly<{ name: string; rounds: number; acknowledged: readonly Acknowledged[] }>;

/** Nothing yet: all files are new. */
export const emptyData = async (data: string): Promise<SmallData> => {
  await mkdir(data, { recursive: true });
  return { name: 'a new folder', rounds: 1, acknowledged: [] };
};

/** A signed log in whose tiles two records more fill one. */
export const grownData = async (data: string): Promise<SmallData> => {
  const ids = new CountedIds();
  const log = await LmdbLog.open(dataFolder(data).log);
  const events = group(ids, EARLIER_RECORDS, 0);
  const receipt = await log.append('a', 'no-stream', events);
  await notaryOf(data).advance(log);
  await log.close();
  return {
    name: `a folder with ${EARLIER_RECORDS} records`,
    rounds: 1,
    acknowledged: [{ ...receipt, ids: events.map(({ id }) => id) }],
  };
};
