import { accessSync, constants } from 'node:fs';
import { open, type Database, type RootDatabase } from 'lmdb';
import { LogAbsent, LogDamaged, LogInUse, type Recorded } from '#ledger/log.js';
import type { Record } from '#ledger/record.js';
import { checkFile, isDamage, isUnwritable, requireRoom, unwritable } from './lmdb-file.js';
import { flushFolder, makeFolder } from './make-folder.js';
import { isAlive, ownerSchema, thisProcess, type Owner } from './owner.js';
import type { Shelves } from './placement.js';
import { belongsAt, storedBytes, toStoredValue } from './stored-value.js';

const LONGEST_STREAM = 200;
const OWNER = 'owner';
const REMEMBERED_STREAMS = 10_000;
const MOST_SLICE_BYTES = 128 * 1024;

/** A record whose text is parsed when it is asked for, and then only once. */
class Shelved implements Recorded {
  private parsed: Record | undefined;

  constructor(
    readonly position: number,
    readonly bytes: Buffer,
  ) {}

  get record(): Record {
    this.parsed ??= JSON.parse(this.bytes.toString('utf8')) as Record;
    return this.parsed;
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const toIdKey = (id: string): Buffer | undefined =>
  UUID.test(id) ? Buffer.from(id.replaceAll('-', ''), 'hex') : undefined;

const canName = (stream: string): boolean =>
  stream.length > 0 && stream.length <= LONGEST_STREAM && stream.isWellFormed();

/** Processes that hold a lock on the files, by their own numbers. */
const lockHoldersOf = (root: RootDatabase): readonly number[] =>
  root
    .readerList()
    .match(/^\s*\d+/gm)
    ?.map(Number) ?? [];

/**
 * The tables of a log in one LMDB environment: records by position, positions by (stream, revision), positions by event
 * id, and who has it open. Reads inside {@link commit} see what it has written.
 */
export class LmdbShelves implements Shelves {
  private readonly records: Database<Buffer, number>;
  private readonly revisions: Database<number, [string, number]>;
  private readonly ids: Database<number, Buffer>;
  private lastPosition: number;
  /** Of the streams this process wrote lately. */
  private readonly lastRevisions = new Map<string, number>();

  private constructor(
    readonly folder: string,
    private readonly root: RootDatabase,
    /** Why nothing can be written; undefined when it can. */
    readonly refusal: Error | undefined,
  ) {
    this.records = root.openDB<Buffer, number>('records', { encoding: 'binary' });
    this.revisions = root.openDB<number, [string, number]>('revisions', { encoding: 'ordered-binary' });
    this.ids = root.openDB<number, Buffer>('ids', { keyEncoding: 'binary', encoding: 'ordered-binary' });
    // Opened to read only, LMDB gives undefined for a table that the writer has not made yet.
    if ([this.records, this.revisions, this.ids].some((table) => !table))
      throw new LogAbsent(`there is no log in ${folder} yet: its writer has only begun`);
    this.lastPosition = this.readHead();
  }

  /** @throws LogAbsent, LogDamaged, LogInUse, NoPlaceForFolder, LogUnwritable (only when there is nothing to read either) */
  static async open(folder: string, readOnly: boolean): Promise<LmdbShelves> {
    const exists = checkFile(folder);
    if (readOnly && !exists) throw new LogAbsent(`there is no log in ${folder}`);
    const options = { path: folder, noSubdir: false, overlappingSync: false, maxDbs: 8 };
    try {
      if (readOnly)
        return new LmdbShelves(folder, open({ ...options, readOnly }), unwritable(folder, 'opened to read'));
      await makeFolder(folder);
      accessSync(folder, constants.W_OK);
      requireRoom(folder);
      const root = open(options);
      try {
        const shelves = await LmdbShelves.own(folder, root);
        if (!exists) await flushFolder(folder);
        return shelves;
      } catch (error) {
        await root.close();
        throw error;
      }
    } catch (error) {
      if (isDamage(error)) throw new LogDamaged(`the log in ${folder} is damaged: ${error}`, { cause: error });
      if (!isUnwritable(error)) throw error;
      const refusal = unwritable(folder, error);
      if (!exists) throw refusal;
      return new LmdbShelves(folder, open({ ...options, readOnly: true }), refusal);
    }
  }

  /** Takes the folder for this process inside a write transaction, of which LMDB lets only one run on the machine. */
  private static async own(folder: string, root: RootDatabase): Promise<LmdbShelves> {
    // Asked before this process reads anything: then all the lock holders are others.
    const lockHolders = lockHoldersOf(root);
    const self = thisProcess();
    const meta = root.openDB<Owner, string>('meta', { encoding: 'json' });
    const other = meta.transactionSync(() => {
      const owner = ownerSchema.safeParse(meta.get(OWNER)).data;
      if (owner && isAlive(owner, self, lockHolders)) return owner;
      meta.putSync(OWNER, self);
      return undefined;
    });
    if (!other) return new LmdbShelves(folder, root, undefined);
    throw new LogInUse(
      `the log in ${folder} is open in process ${other.pid} on ${other.host}; stop it, wait until it is done, or choose another folder; reading is possible meanwhile`,
    );
  }

  head(): number {
    // Another process may have written; this one would know.
    if (this.refusal) this.lastPosition = this.readHead();
    return this.lastPosition;
  }

  /** Whether the process that took the folder still runs. */
  hasWriter(): boolean {
    if (!this.refusal) return true;
    this.root.resetReadTxn();
    const meta = this.root.openDB<Owner, string>('meta', { encoding: 'json' }) as Database<Owner, string> | undefined;
    const owner = ownerSchema.safeParse(meta?.get(OWNER)).data;
    return owner !== undefined && isAlive(owner, thisProcess(), lockHoldersOf(this.root));
  }

  lastRevision(stream: string): number | 'no-stream' {
    return this.lastRevisions.get(stream) ?? this.readLastRevision(stream);
  }

  find(id: string): Recorded | undefined {
    const key = toIdKey(id);
    const position = key && this.ids.get(key);
    return position === undefined ? undefined : this.at(position);
  }

  /** The record at a position. @throws LogDamaged */
  at(position: number): Recorded {
    return this.check(position, this.records.get(position));
  }

  /**
   * Records from a position on, both directions, without gaps: as many as asked for, or fewer where they are large, but one
   * at least. Whoever takes them slowly holds them meanwhile.
   * @throws LogDamaged
   */
  slice(from: number, count: number, forward: boolean): readonly Recorded[] {
    const found: Recorded[] = [];
    let bytes = 0;
    const range = this.records.getRange({ start: from, limit: count, reverse: !forward });
    for (const { key, value } of range) {
      const position = forward ? from + found.length : from - found.length;
      found.push(this.check(position, key === position ? value : undefined));
      bytes += value.length;
      if (bytes >= MOST_SLICE_BYTES) return found;
    }
    if (found.length < count) this.check(forward ? from + found.length : from - found.length, undefined);
    return found;
  }

  /** The record at a revision of a stream. @throws LogDamaged */
  revision(stream: string, revision: number): Recorded {
    const position = this.revisions.get([stream, revision]);
    if (position === undefined)
      throw new LogDamaged(`the log in ${this.folder} is damaged: revision ${revision} of ${stream} has no position`);
    const found = this.at(position);
    if (found.record.stream !== stream || found.record.revision !== revision)
      throw new LogDamaged(
        `the log in ${this.folder} is damaged at position ${position}: it should hold revision ${revision} of ${stream}`,
      );
    return found;
  }

  /** Writes within {@link commit}. */
  put(entry: Recorded): void {
    const { id, stream, revision } = entry.record;
    this.records.putSync(entry.position, toStoredValue(entry.position, entry.bytes));
    this.revisions.putSync([stream, revision], entry.position);
    const key = toIdKey(id);
    if (key) this.ids.putSync(key, entry.position);
    this.lastPosition = entry.position;
    if (this.lastRevisions.size >= REMEMBERED_STREAMS) this.lastRevisions.clear();
    this.lastRevisions.set(stream, revision);
  }

  /** Runs the work as one transaction: when it returns, all of it is on the disk; when it throws, none of it is. */
  commit(work: () => void): void {
    const before = this.lastPosition;
    try {
      this.root.transactionSync(work);
    } catch (error) {
      this.lastPosition = before;
      this.lastRevisions.clear();
      throw error;
    }
  }

  async close(): Promise<void> {
    if (!this.refusal) {
      const meta = this.root.openDB<Owner, string>('meta', { encoding: 'json' });
      meta.transactionSync(() => meta.removeSync(OWNER));
    }
    await this.root.close();
  }

  private readLastRevision(stream: string): number | 'no-stream' {
    if (!canName(stream)) return 'no-stream';
    const range = { start: [stream, Infinity] as [string, number], end: [stream, -1] as [string, number] };
    for (const key of this.revisions.getKeys({ ...range, reverse: true, limit: 1 })) return key[1];
    return 'no-stream';
  }

  private readHead(): number {
    this.root.resetReadTxn();
    for (const position of this.records.getKeys({ reverse: true, limit: 1 })) return position;
    return 0;
  }

  private check(position: number, value: Buffer | undefined): Recorded {
    if (!value) throw new LogDamaged(`the log in ${this.folder} is damaged: position ${position} is missing`);
    if (!belongsAt(position, value))
      throw new LogDamaged(
        `the log in ${this.folder} is damaged at position ${position}: the bytes are not those written; restore it from a backup`,
      );
    return new Shelved(position, storedBytes(value));
  }
}
