import { writeSync } from 'node:fs';
import { compareKeys, type Database, type Key } from 'lmdb';
import { frameOf, SAID } from './entries-frames.js';
import { openRecords } from './lmdb-records.js';

// A process of its own: LMDB trusts its pages, and one that is damaged inside may end whoever reads it.

/** Records read in one go. */
const BATCH = 1024;
const STDOUT = 1;

const inOrder = (before: Key, key: Key): boolean =>
  Buffer.isBuffer(before) && Buffer.isBuffer(key) ? Buffer.compare(before, key) < 0 : compareKeys(before, key) < 0;

const writeAll = (bytes: Uint8Array): void => {
  for (let at = 0; at < bytes.length;) at += writeSync(STDOUT, bytes, at);
};

/** Comes by every page of a table, both along it and down to each key. */
const walk = <V, K extends Key>(name: string, table: Database<V, K>): void => {
  let [before, count]: [K | undefined, number] = [undefined, 0];
  for (const { key } of table.getRange({})) {
    // Pages that lead back to earlier ones would be walked for ever.
    if (before !== undefined && !inOrder(before, key)) throw new Error(`the keys of its ${name} are out of order`);
    if (table.get(key) === undefined) throw new Error(`a key of its ${name} leads nowhere`);
    [before, count] = [key, count + 1];
    if (count % BATCH === 0) writeAll(frameOf(SAID.working));
  }
  const { entryCount } = table.getStats() as { entryCount: number };
  if (count !== entryCount) throw new Error(`of ${entryCount} ${name} only ${count} are found`);
};

/** Written at once, so that what was read stays known when the next page ends this process. */
const tell = (records: Database<Buffer, number>, from: number): void => {
  let start = from;
  for (;;) {
    const batch = [...records.getRange({ start, limit: BATCH })];
    writeAll(Buffer.concat(batch.map(({ key, value }) => frameOf(key, value))));
    const last = batch.at(-1)?.key;
    if (last === undefined) return;
    if (!(last >= start)) throw new Error('the keys of its records are out of order');
    start = last + 1;
  }
};

const tables = ({ root, records }: ReturnType<typeof openRecords>): readonly [string, Database<unknown, Key>][] =>
  [
    ['records', records],
    ['revisions', root.openDB('revisions', { encoding: 'ordered-binary' })],
    ['ids', root.openDB('ids', { keyEncoding: 'binary', encoding: 'ordered-binary' })],
  ] as [string, Database<unknown, Key>][];

try {
  const opened = openRecords(process.argv[2] ?? '', { readOnly: true });
  // Opened to read only, LMDB gives undefined for a table that the writer has not made yet.
  if (opened.records as unknown) {
    const from = Number(process.argv[3] ?? 0);
    tell(opened.records, from);
    // Whoever reads only what is new does not look at what was looked through before.
    for (const [name, table] of from === 0 ? tables(opened) : []) if (table as unknown) walk(name, table);
  }
  writeAll(frameOf(SAID.end));
} catch (error) {
  // What LMDB itself prints on the way is not for readers.
  const said = (error as Error).message.trim().split('\n').at(-1) ?? '';
  writeAll(frameOf(SAID.damage, Buffer.from(said)));
}
