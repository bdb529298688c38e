import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { DataFolder } from './data-folder.js';
import { EventStoreLog } from './eventstore-log.js';
import { LmdbLog } from './lmdb-log.js';

/** The data folder is another log's. */
export class FolderOfAnotherLog extends Error {
  override readonly name = 'FolderOfAnotherLog';
}

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

/** @throws FolderOfAnotherLog when the folder belongs to a log in an event store */
export const requireEmbedded = (folder: DataFolder): void => {
  if (existsSync(folder.eventStore))
    throw new FolderOfAnotherLog(
      `the log that belongs to ${folder.artifacts} lies in an event store; ask its service with --url, or serve it with --store eventstore`,
    );
};
