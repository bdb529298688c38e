import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TileStore } from '#ledger/tile-store.js';

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

  async write(path: string, bytes: Uint8Array): Promise<void> {
    const target = join(this.folder, path);
    await mkdir(dirname(target), { recursive: true });
    const temporary = `${target}.tmp`;
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  }

  removePartials(path: string): Promise<void> {
    return rm(join(this.folder, `${path}.p`), { recursive: true, force: true });
  }
}
