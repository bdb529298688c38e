import { mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** What a folder names is durable when the folder is. */
export const flushFolder = async (folder: string): Promise<void> => {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
};

/** Makes a folder and those above it that are missing, all of them durable. */
const makeDurable = async (folder: string): Promise<void> => {
  const first = await mkdir(folder, { recursive: true });
  if (first === undefined) return;
  for (let made = resolve(folder); made.length >= resolve(first).length; made = dirname(made))
    await flushFolder(dirname(made));
};

export type Writing = Readonly<{
  /** Where the file is written before it gets its name, in the same folder. Default: `<path>.tmp`, which one writer at a time may use. */
  temporary?: string;
  /** Who may use the file. */
  mode?: number;
}>;

const ANYBODY = 0o666;

/**
 * Writes a file so that under its name there is always the whole of it, or what was there before: also after a kill or a
 * power cut. When this resolves it is on the disk.
 * @throws the system's error; then the name stands for what was there before, or, when only the last flush of the folder
 *   failed, for the whole of the new
 */
export const writeWhole = async (
  path: string,
  chunks: Iterable<Uint8Array | string> | AsyncIterable<Uint8Array>,
  { temporary = `${path}.tmp`, mode = ANYBODY }: Writing = {},
): Promise<void> => {
  await makeDurable(dirname(path));
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
