import { mkdir, open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/** No folder can be there; the message says which and why. */
export class NoPlaceForFolder extends Error {
  override readonly name = 'NoPlaceForFolder';
}

const kindOf = async (path: string): Promise<'folder' | 'file' | 'nothing'> =>
  stat(path).then(
    (facts) => (facts.isDirectory() ? 'folder' : 'file'),
    () => 'nothing',
  );

/** What a folder names is on the disk when the folder is. */
export const flushFolder = async (folder: string): Promise<void> => {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  await handle.sync().finally(() => handle.close());
};

/** Whether it was made; false where there is such a folder. */
const make = (path: string): Promise<boolean> =>
  mkdir(path).then(
    () => true,
    async (error: NodeJS.ErrnoException) => {
      const { code = '' } = error;
      if (code === 'EEXIST' && (await kindOf(path)) === 'folder') return false;
      if (code === 'EEXIST' || code === 'ENOTDIR')
        throw new NoPlaceForFolder(`${path}: there is a file where a folder is needed; name another folder`);
      throw error;
    },
  );

/**
 * Makes a folder and those above it that are missing; they are on the disk when this resolves. Node's own `recursive` asks
 * for ever where a disk that can hold no folders, such as /proc, says that what is above is missing.
 * @throws NoPlaceForFolder, or the system's error where one may not write
 */
export const makeFolder = async (path: string): Promise<void> => {
  const above = dirname(path);
  if (above !== path && (await kindOf(above)) === 'nothing') await makeFolder(above);
  const made = await make(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new NoPlaceForFolder(`${path}: no folder can be made in ${above}; name another folder`);
  });
  if (made) await flushFolder(above);
};
