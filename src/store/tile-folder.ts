import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TileStore } from '#ledger/tile-store.js';
import { writeWhole } from './whole-file.js';

/** A published log as files beneath one folder, which any web server can serve as it is. */
export class TileFolder extends TileStore {
  constructor(readonly folder: string) {
    super();
  }

  async read(path: string): Promise<Uint8Array | undefined> {
    return readFile(join(this.folder, path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
  }

  write(path: string, bytes: Uint8Array): Promise<void> {
    return writeWhole(join(this.folder, path), [bytes]);
  }

  removePartials(path: string): Promise<void> {
    return rm(join(this.folder, `${path}.p`), { recursive: true, force: true });
  }
}
