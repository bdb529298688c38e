import { open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { flushFolder, makeFolder } from './make-folder.js';

export type Writing = Readonly<{
  /** Where the file is before it gets its name, in the same folder. Default: `<path>.tmp`, for one writer at a time. */
  temporary?: string;
  /** Who may use the file. */
  mode?: number;
}>;

const ANYBODY = 0o666;

/**
 * Writes a file so that under its name there is always the whole of it, or what was there before: also after a kill or a
 * power cut. When this resolves it is on the disk.
 * @throws NoPlaceForFolder, or the system's error; then the name stands for what was there before, or, when only the
 *   last flush of the folder failed, for the whole of the new
 */
export const writeWhole = async (
  path: string,
  chunks: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array>,
  { temporary = `${path}.tmp`, mode = ANYBODY }: Writing = {},
): Promise<void> => {
  await makeFolder(dirname(path));
  try {
    // What lies there was left by a process that was killed.
    await rm(temporary, { force: true });
    const file = await open(temporary, 'wx', mode);
    try {
      for await (const chunk of chunks) await file.appendFile(chunk);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    // Why it could not be written is worth more than that what is left of it cannot be removed.
    await rm(temporary, { force: true }).catch(() => undefined);
    throw error;
  }
  await flushFolder(dirname(path));
};

/** Gives a file that is on the disk another name in its folder, in place of what had it. When this resolves that is on the disk. */
export const renameWhole = async (from: string, to: string): Promise<void> => {
  await rename(from, to);
  await flushFolder(dirname(to));
};
