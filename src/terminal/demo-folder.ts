import { existsSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Refused } from '#ledger/decider.js';
import { LogDamaged } from '#ledger/log.js';
import { dataFolder } from '#store/data-folder.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { makeFolder } from '#store/make-folder.js';

/** Marks a folder as a demo's, so that a later demo may remove it. */
const MARK = 'demo.json';

const contents = (folder: string): Promise<readonly string[]> =>
  readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });

/** A demo that still runs keeps its folder; one that broke off or whose log is damaged may go. @throws LogInUse */
const checkUnused = async (folder: string): Promise<void> => {
  const { log } = dataFolder(folder);
  if (!existsSync(log)) return;
  try {
    await (await LmdbLog.open(log)).close();
  } catch (error) {
    if (!(error instanceof LogDamaged)) throw error;
  }
};

/**
 * Makes room for a demo: an empty folder, or one that an earlier demo made, which is removed.
 * @returns whether an earlier demo was removed
 * @throws Refused for anybody else's folder, LogInUse while a demo runs in it
 */
export const clearDemoFolder = async (folder: string): Promise<boolean> => {
  const found = await contents(folder);
  if (found.length > 0 && !found.includes(MARK))
    throw new Refused(`--data ${folder}: holds other data; name a new or empty folder, or an earlier demo's`);
  if (found.length > 0) {
    await checkUnused(folder);
    await rm(folder, { recursive: true });
  }
  await makeFolder(folder);
  await writeFile(join(folder, MARK), '{"madeBy":"prometheus-ledger demo"}\n');
  return found.length > 0;
};

/** The first name that is free: the folder itself, or with -2, -3 … behind it. */
export const freeFolder = (folder: string): string => {
  let at = 1;
  const name = (): string => (at === 1 ? folder : `${folder}-${at}`);
  while (existsSync(name())) at += 1;
  return name();
};
