import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Entry } from '#audit/domain/entry.js';
import { LogDamaged } from '#ledger/log.js';
import { requireFile } from './lmdb-records.js';
import { belongsAt, storedBytes } from './stored-value.js';

const CHILD = fileURLToPath(new URL('./entries-child.js', import.meta.url));
/** Exit code of the reading process that came upon damage and lived. */
export const DAMAGE_SEEN = 3;

const LENGTH_BYTES = 4;
const HEAD_BYTES = LENGTH_BYTES + 8;

/** How the reading process hands over what is stored at a position. */
export const frameOf = (position: number, value: Uint8Array): Buffer => {
  const frame = Buffer.allocUnsafe(HEAD_BYTES + value.length);
  frame.writeUInt32BE(value.length);
  frame.writeDoubleBE(position, LENGTH_BYTES);
  frame.set(value, HEAD_BYTES);
  return frame;
};

const toEntry = (position: number, value: Buffer): Entry => ({
  position,
  bytes: storedBytes(value),
  fits: (at) => belongsAt(at, value),
});

/** Entries of the whole frames in the bytes, and what is left of them. */
const cutFrames = (bytes: Buffer): Readonly<{ entries: readonly Entry[]; rest: Buffer }> => {
  const entries: Entry[] = [];
  let at = 0;
  while (bytes.length - at >= HEAD_BYTES) {
    const end = at + HEAD_BYTES + bytes.readUInt32BE(at);
    if (end > bytes.length) break;
    entries.push(toEntry(bytes.readDoubleBE(at + LENGTH_BYTES), bytes.subarray(at + HEAD_BYTES, end)));
    at = end;
  }
  return { entries, rest: bytes.subarray(at) };
};

/** What LMDB itself prints on the way is not for readers. */
const lastLine = (said: string): string => said.trim().split('\n').at(-1) ?? '';

const damaged = (folder: string, what: string): LogDamaged =>
  new LogDamaged(`${join(folder, 'data.mdb')} is damaged inside: ${what}; restore it from a backup`);

/**
 * Every record of a data folder in order of position, straight from the store. A process of its own reads them, since a
 * damaged page may end it. Who has come to the end of this without an error may open the log.
 * @param from position to begin at; the store is looked through as a whole only from its start
 * @throws LogAbsent, LogDamaged when the file cannot be read to its end
 */
export async function* lmdbEntries(folder: string, from = 0): AsyncGenerator<readonly Entry[]> {
  requireFile(folder);
  const child = spawn(process.execPath, [CHILD, folder, String(from)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const complaint = text(child.stderr);
  try {
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of child.stdout) {
      const cut = cutFrames(Buffer.concat([rest, chunk as Buffer]));
      rest = cut.rest;
      if (cut.entries.length > 0) yield cut.entries;
    }
    const [code, signal] = await ended;
    if (signal !== null) throw damaged(folder, `whatever reads all of it is ended by ${signal}`);
    if (code === DAMAGE_SEEN) throw damaged(folder, lastLine(await complaint));
    if (code !== 0) throw new Error(`the log in ${folder} could not be looked through: ${await complaint}`);
  } finally {
    child.kill();
    await ended;
  }
}
