import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DataFolder } from './data-folder.js';
import { EventStoreLog } from './eventstore-log.js';
import { FolderOfAnotherLog } from './folder-of-another-log.js';
import { LmdbLog } from './lmdb-log.js';

/**
 * The log in an event store, with a data folder for everything that stays on this machine: artifacts, the key, what is
 * published, read models. An empty log in it keeps the folder for one process, as a full one would.
 * @throws StoreAddressInvalid, FolderOfAnotherLog, LogInUse, LogUnwritable
 */
export const openEventStore = async (folder: DataFolder, address: string): Promise<EventStoreLog> => {
  if (existsSync(join(folder.log, 'data.mdb')))
    throw new FolderOfAnotherLog(
      `${folder.log} holds a log of its own; a log in an event store needs another data folder`,
    );
  const lock = await LmdbLog.open(folder.eventStore);
  try {
    return EventStoreLog.open(address, { onClose: () => lock.close() });
  } catch (error) {
    await lock.close();
    throw error;
  }
};
