import { readFile, stat } from 'node:fs/promises';
import { KeptText, KeptTextUnusable } from '#audit/domain/kept-text.js';
import { writeWhole } from './whole-file.js';

const OWNER_ONLY = 0o600;
const MAY_WRITE = 0o022;

/** A file that its owner alone may read and write; one that others may write is not believed. */
export class OwnerFile extends KeptText {
  constructor(readonly place: string) {
    super();
  }

  async read(): Promise<string | undefined> {
    const found = await stat(this.place).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    });
    if (!found) return undefined;
    if (process.platform !== 'win32' && (found.mode & MAY_WRITE) !== 0)
      throw new KeptTextUnusable(
        `${this.place}: others than its owner may write it, so it may be anybody's; chmod 600 if it is yours`,
      );
    return readFile(this.place, 'utf8');
  }

  async write(text: string): Promise<void> {
    await writeWhole(this.place, [text], { mode: OWNER_ONLY });
  }
}
