import { open, type Database, type RootDatabase } from 'lmdb';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import type { Entry } from '#audit/domain/entry.js';
import { LogAbsent, LogDamaged } from '#ledger/log.js';
import { belongsAt, storedBytes } from './stored-value.js';

/** Records read in one go; between two goes other work gets its turn. */
const BATCH = 1024;

const toEntry = (position: number, value: Buffer): Entry => ({
  position,
  bytes: storedBytes(value),
  fits: (at) => belongsAt(at, value),
});

export type RawRecords = Readonly<{ root: RootDatabase; records: Database<Buffer, number> }>;

/** Opens the embedded store's table of records beneath its log: what lies there, not what the log makes of it. */
export const openRecords = (folder: string, { readOnly }: Readonly<{ readOnly: boolean }>): RawRecords => {
  if (!existsSync(join(folder, 'data.mdb'))) throw new LogAbsent(`there is no log in ${folder}`);
  const root = open({ path: folder, noSubdir: false, overlappingSync: false, maxDbs: 8, readOnly });
  return { root, records: root.openDB<Buffer, number>('records', { encoding: 'binary' }) };
};

/**
 * Every record of a data folder in order of position, straight from the store.
 * @throws LogAbsent, LogDamaged when the file itself cannot be read
 */
export async function* lmdbEntries(folder: string): AsyncGenerator<readonly Entry[]> {
  const { root, records } = openRecords(folder, { readOnly: true });
  try {
    let start = 0;
    for (;;) {
      const batch = [...records.getRange({ start, limit: BATCH })].map(({ key, value }) => toEntry(key, value));
      const last = batch.at(-1);
      if (!last) return;
      yield batch;
      start = last.position + 1;
      await turn();
    }
  } catch (error) {
    throw new LogDamaged(`the log in ${folder} cannot be read: ${error}`, { cause: error });
  } finally {
    await root.close();
  }
}
