import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { open, type Database, type RootDatabase } from 'lmdb';
import { LogAbsent, LogDamaged } from '#ledger/log.js';
import { checkFile } from './lmdb-file.js';

export type RawRecords = Readonly<{ root: RootDatabase; records: Database<Buffer, number> }>;

/**
 * That there is a file of a log, as far as can be told without mapping it into memory.
 * @throws LogAbsent, LogDamaged
 */
export const requireFile = (folder: string): void => {
  if (checkFile(folder)) return;
  const path = join(folder, 'data.mdb');
  if (existsSync(path)) throw new LogDamaged(`${path}: 0 bytes, so the whole log is gone; restore it from a backup`);
  throw new LogAbsent(`there is no log in ${folder}`);
};

/**
 * Opens the embedded store's table of records beneath its log: what lies there, not what the log makes of it.
 * @throws LogAbsent, LogDamaged
 */
export const openRecords = (folder: string, { readOnly }: Readonly<{ readOnly: boolean }>): RawRecords => {
  requireFile(folder);
  const root = open({ path: folder, noSubdir: false, overlappingSync: false, maxDbs: 8, readOnly });
  return { root, records: root.openDB<Buffer, number>('records', { encoding: 'binary' }) };
};
