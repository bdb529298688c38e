import { TileStore } from '#ledger/tile-store.js';
import { ServiceRefused, type HttpService } from './http-service.js';

const NOT_FOUND = 404;

/** The published log of a service, to read only. */
export class HttpTiles extends TileStore {
  constructor(
    private readonly service: HttpService,
    /** Where the log is beneath the service's address. */
    private readonly root = '/log',
  ) {
    super();
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    return this.service.bytes({ path: `${this.root}/${path}`, accept: '*/*' }).catch((error: unknown) => {
      if (error instanceof ServiceRefused && error.status === NOT_FOUND) return undefined;
      throw error;
    });
  }

  write(path: string): Promise<void> {
    return Promise.reject(new RangeError(`${path}: only the service itself publishes its log`));
  }

  removePartials(path: string): Promise<void> {
    return this.write(path);
  }
}
