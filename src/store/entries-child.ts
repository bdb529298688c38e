import { writeSync } from 'node:fs';
import { compareKeys, type Database, type Key } from 'lmdb';
import { FrameBuffer, SAID } from './entries-frames.js';
import { openRecords, type RawRecords } from './lmdb-records.js';

// A process of its own: LMDB trusts its pages, and one that is damaged inside may end whoever reads it.

/** Records read in one go. */
const BATCH = 1024;
const STDOUT = 1;

const inOrder = (before: Key, key: Key): boolean =>
  Buffer.isBuffer(before) && Buffer.isBuffer(key) ? Buffer.compare(before, key) < 0 : compareKeys(before, key) < 0;

type Records = RawRecords['records'];

const writeAll = (bytes: Uint8Array): void => {
  for (let at = 0; at < bytes.length;) at += writeSync(STDOUT, bytes, at);
};

const frames = new FrameBuffer();
const NOTHING = Buffer.alloc(0);

const say = (what: number, words: Buffer = NOTHING): void => {
  frames.add(what, words);
  writeAll(frames.take());
};

/** Follows the keys of a table, and whether each is found on the way down to it. */
class Followed {
  wrong: string | undefined;
  private before: Key | undefined;
  private count = 0;

  constructor(private readonly name: string) {}

  get seen(): number {
    return this.count;
  }

  take(key: Key, isFound: boolean): void {
    // Pages that lead back to earlier ones would be followed for ever.
    if (this.before !== undefined && !inOrder(this.before, key))
      this.wrong ??= `the keys of its ${this.name} are out of order`;
    if (!isFound) this.wrong ??= `a key of its ${this.name} leads nowhere`;
    this.before = key;
    this.count += 1;
  }

  /** Throws what is wrong with a table that was followed to its end. */
  end(table: Database<unknown, Key>): void {
    if (this.wrong !== undefined) throw new Error(this.wrong);
    const { entryCount } = table.getStats() as { entryCount: number };
    if (this.count !== entryCount) throw new Error(`of ${entryCount} ${this.name} only ${this.count} are found`);
  }
}

/** Comes by every page of a table, both along it and down to each key. */
const walk = (name: string, table: Database<unknown, Key>): void => {
  const followed = new Followed(name);
  for (const key of table.getKeys({})) {
    followed.take(key, table.get(key) !== undefined);
    if (followed.wrong !== undefined) break;
    if (followed.seen % BATCH === 0) say(SAID.working);
  }
  followed.end(table);
};

/** Whether each key of a stretch of the records is found on the way down to it; then their frames are made ready. */
const addFrames = (records: Records, keys: readonly number[], followed: Followed): boolean => {
  for (const key of keys) {
    const value = records.getBinaryFast(key);
    followed.take(key, value !== undefined);
    if (value) frames.add(key, value);
  }
  return followed.wrong === undefined;
};

/** The frames of a stretch as they are come by along the table. */
const addAlong = (records: Records, start: number): void => {
  frames.take();
  for (const { key, value } of records.getRange({ start, limit: BATCH })) frames.add(key, value);
};

/**
 * Tells every record. Written at once, so that what was read stays known when the next page ends this process.
 * @returns what was seen of the table up to where a sweep along it ends
 */
const tell = (records: Records, from: number): Followed => {
  const followed = new Followed('records');
  let isSwept = false;
  for (let start = from; ;) {
    const keys = [...records.getKeys({ start, limit: BATCH })];
    if (isSwept || !addFrames(records, keys, followed)) addAlong(records, start);
    writeAll(frames.take());
    const last = keys.at(-1);
    if (last === undefined) return followed;
    if (!(last >= start)) throw new Error('the keys of its records are out of order');
    start = last + 1;
    isSwept ||= keys.length < BATCH;
  }
};

/** Besides the records. */
const tables = ({ root }: ReturnType<typeof openRecords>): readonly [string, Database<unknown, Key>][] =>
  [
    ['revisions', root.openDB('revisions', { encoding: 'ordered-binary' })],
    ['ids', root.openDB('ids', { keyEncoding: 'binary', encoding: 'ordered-binary' })],
  ] as [string, Database<unknown, Key>][];

try {
  const opened = openRecords(process.argv[2] ?? '', { readOnly: true });
  // Opened to read only, LMDB gives undefined for a table that the writer has not made yet.
  if (opened.records as unknown) {
    const from = Number(process.argv[3] ?? 0);
    const followed = tell(opened.records, from);
    // Whoever reads only what is new does not look at what was looked through before.
    if (from === 0) {
      followed.end(opened.records as unknown as Database<unknown, Key>);
      for (const [name, table] of tables(opened)) if (table as unknown) walk(name, table);
    }
  }
  say(SAID.end);
} catch (error) {
  // What LMDB itself prints on the way is not for readers.
  const said = (error as Error).message.trim().split('\n').at(-1) ?? '';
  frames.take();
  say(SAID.damage, Buffer.from(said));
}
