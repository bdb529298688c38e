import { open, type Database, type RootDatabase } from 'lmdb';
import { crc32 } from 'node:zlib';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { LogAbsent, LogDamaged } from '#ledger/log.js';
import type { Entry } from './entry.js';

const CHECKSUM_BYTES = 4;
/** Records read in one go; between two goes other work gets its turn. */
const BATCH = 1024;

/** The value that the embedded store keeps for a record: CRC-32 begun with the position, then the bytes. */
export const toValue = (position: number, bytes: Uint8Array): Buffer => {
  const value = Buffer.allocUnsafe(CHECKSUM_BYTES + bytes.length);
  value.writeUInt32BE(crc32(bytes, position >>> 0));
  value.set(bytes, CHECKSUM_BYTES);
  return value;
};

/** The record's bytes within such a value. */
export const bytesOf = (value: Buffer): Buffer => value.subarray(CHECKSUM_BYTES);

const toEntry = (position: number, value: Buffer): Entry => {
  const bytes = bytesOf(value);
  const stored = value.length < CHECKSUM_BYTES ? -1 : value.readUInt32BE();
  return { position, bytes, fits: (at) => crc32(bytes, at >>> 0) === stored };
};

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
