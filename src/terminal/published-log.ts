import { NotSigned } from '#audit/proving.js';
import { Refused } from '#ledger/decider.js';
import type { TileStore } from '#ledger/tile-store.js';
import { dataFolder } from '#store/data-folder.js';
import { HttpService } from '#store/http-service.js';
import { HttpTiles } from '#store/http-tiles.js';
import { TileFolder } from '#store/tile-folder.js';
import { BadInput } from './failures.js';
import type { Session } from './session.js';

/** The published log of the service or the data folder that a command is about. */
export const published = async (session: Session): Promise<TileStore> => {
  const service = await session.named();
  return service ? new HttpTiles(service) : new TileFolder(dataFolder(session.data).tlog);
};

/** A published log by its address, wherever it is served from, or in a folder. */
export const logAt = async (session: Session, place: string): Promise<TileStore> => {
  if (!/^https?:/.test(place)) return new TileFolder(place);
  if (!URL.canParse(place)) throw new BadInput(`${place}: an address such as http://127.0.0.1:4680/log is needed`);
  return new HttpTiles(new HttpService(place, await session.token()), '');
};

/** Says of what is not signed where that is, and when it will be. */
export const placed = async <T>(session: Session, asked: Promise<T>): Promise<T> =>
  asked.catch((error: unknown) => {
    if (!(error instanceof NotSigned)) throw error;
    throw new Refused(
      `${session.where}: ${error.message}; a service signs twice a second, a command that writes when it is done`,
    );
  });
