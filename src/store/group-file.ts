import { open, readFile, rename } from 'node:fs/promises';
import { z } from 'zod';
import { savedGroupSchema, type GroupBook, type SavedGroup } from '#gateway/domain/groups.js';

const bookSchema = z.array(savedGroupSchema);

/** The groups of consumers in a file beside the log: it is as it was before, or whole and on disk. */
export class GroupFile implements GroupBook {
  constructor(private readonly path: string) {}

  async load(): Promise<readonly SavedGroup[]> {
    const text = await readFile(this.path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '[]';
      throw error;
    });
    return bookSchema.parse(JSON.parse(text));
  }

  async save(groups: readonly SavedGroup[]): Promise<void> {
    const temporary = `${this.path}.tmp`;
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(`${JSON.stringify(groups)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, this.path);
  }
}
