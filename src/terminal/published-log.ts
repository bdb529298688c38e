import { NotSigned } from '#audit/proving.js';
import { Refused } from '#ledger/decider.js';
import type { TileStore } from '#ledger/tile-store.js';
import { dataFolder } from '#store/data-folder.js';
import { HttpTiles } from '#store/http-tiles.js';
import { TileFolder } from '#store/tile-folder.js';
import type { Session } from './session.js';

/** The published log of the service or the data folder that a command is about. */
export const published = async (session: Session): Promise<TileStore> => {
  const service = await session.named();
  return service ? new HttpTiles(service) : new TileFolder(dataFolder(session.data).tlog);
};

/** Says of what is not signed where that is, and when it will be. */
export const placed = async <T>(session: Session, asked: Promise<T>): Promise<T> =>
  asked.catch((error: unknown) => {
    if (!(error instanceof NotSigned)) throw error;
    throw new Refused(
      `${session.where}: ${error.message}; a service signs every second, a command that writes when it is done`,
    );
  });
