import { mkdir, stat } from 'node:fs/promises';
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

/**
 * Makes a folder and those above it that are missing. Node's own `recursive` asks for ever where a disk that can hold no
 * folders, such as /proc, says that what is above is missing.
 * @throws NoPlaceForFolder, or the system's error where one may not write
 */
export const makeFolder = async (path: string): Promise<void> => {
  const make = (): Promise<unknown> =>
    mkdir(path).catch(async (error: NodeJS.ErrnoException) => {
      const { code = '' } = error;
      if (code === 'EEXIST' && (await kindOf(path)) === 'folder') return;
      if (code === 'EEXIST' || code === 'ENOTDIR')
        throw new NoPlaceForFolder(`${path}: there is a file where a folder is needed; name another folder`);
      throw error;
    });
  const above = dirname(path);
  if (above !== path && (await kindOf(above)) === 'nothing') await makeFolder(above);
  await make().catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    throw new NoPlaceForFolder(`${path}: no folder can be made in ${above}; name another folder`);
  });
};
