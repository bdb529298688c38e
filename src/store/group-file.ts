import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { savedGroupSchema, type GroupBook, type SavedGroup } from '#gateway/domain/groups.js';
import { writeWhole } from './whole-file.js';

const MOST_WORDS = 200;
const bookSchema = z.array(savedGroupSchema);

/** What lies there is not what was written. */
export class GroupsUnreadable extends Error {
  override readonly name = 'GroupsUnreadable';
}

/** The groups of consumers in a file beside the log: it is as it was before, or whole and on disk. */
export class GroupFile implements GroupBook {
  constructor(private readonly path: string) {}

  async load(): Promise<readonly SavedGroup[]> {
    const text = await readFile(this.path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return '[]';
      throw error;
    });
    try {
      return bookSchema.parse(JSON.parse(text));
    } catch (error) {
      const why = (error as Error).message.replaceAll(/\s+/g, ' ').slice(0, MOST_WORDS);
      throw new GroupsUnreadable(`${this.path} is not as it was written (${why}); without it there are no groups`);
    }
  }

  save(groups: readonly SavedGroup[]): Promise<void> {
    return writeWhole(this.path, [`${JSON.stringify(groups)}\n`]);
  }
}
