import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { makeFolder } from '#store/make-folder.js';
import { BadInput, INTERRUPTED } from './failures.js';
import type { Session } from './session.js';

/** The user wants to stop. */
class Interrupted extends Error {}

/** @throws BadInput where something is in the folder already */
export const requireEmpty = async (folder: string, option: string): Promise<void> => {
  const there = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    if (error.code === 'ENOTDIR')
      throw new BadInput(`${option} ${folder}: is a file; name a folder that is new or empty`);
    throw error;
  });
  const [first] = there;
  if (first !== undefined)
    throw new BadInput(`${option} ${folder}: is not empty (${first}); name a folder that is new or empty`);
};

/**
 * Fills a folder beside the one that was named, which takes its name when it is whole; nothing is left of one that is not.
 * @param fill tells how far it is, by which an interrupt stops it
 * @returns undefined when it was interrupted
 * @throws BadInput, NoPlaceForFolder, and what `fill` throws
 */
export const inNewFolder = async <T>(
  session: Session,
  { to, option }: Readonly<{ to: string; option: string }>,
  fill: (folder: string, onProgress: (what: string) => void) => Promise<T>,
): Promise<T | undefined> => {
  const { screen, surroundings } = session;
  const target = resolve(to);
  await requireEmpty(target, option);
  await makeFolder(dirname(target));
  const beside = await mkdtemp(join(dirname(target), `.${basename(target)}-`));
  let stopped = false;
  const unlisten = surroundings.onInterrupt(() => {
    stopped = true;
  });
  try {
    const folder = join(beside, 'unfinished');
    await mkdir(folder);
    const filled = await fill(folder, (what) => {
      if (stopped) throw new Interrupted();
      screen.progress.working(what);
    });
    await rename(folder, target);
    return filled;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    session.code = INTERRUPTED;
    screen.say(`Interrupted; nothing was written to ${to}.`);
    return undefined;
  } finally {
    unlisten();
    screen.progress.clear();
    await rm(beside, { recursive: true, force: true });
  }
};
