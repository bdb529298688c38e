import { closeSync, existsSync, fstatSync, openSync, readSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LogDamaged, LogUnwritable } from '#ledger/log.js';

/** Where LMDB 0.9.90's meta pages hold what is checked here, in bytes from the start of a page. */
const META = { magic: 24, pageSize: 48, lastPage: 144, txn: 152, length: 160 };
const MAGIC = 0xbeefc0de;

/** Pages that a sound file may lack at its end, since LMDB need not write pages it has freed again. */
const UNWRITTEN_PAGES = 16;

type Meta = Readonly<{ pageSize: number; lastPage: bigint; txn: bigint }>;

const readMeta = (fd: number, at: number, path: string): Meta => {
  const page = Buffer.alloc(META.length);
  if (readSync(fd, page, 0, META.length, at) !== META.length || page.readUInt32LE(META.magic) !== MAGIC)
    throw new LogDamaged(`${path}: the file does not begin as a log does, before position 1; restore it from a backup`);
  return {
    pageSize: page.readUInt32LE(META.pageSize),
    lastPage: page.readBigUInt64LE(META.lastPage),
    txn: page.readBigUInt64LE(META.txn),
  };
};

/**
 * Looks at the file before it is mapped into memory, since a page that is not there would end the process.
 * @returns false when there is no file yet
 * @throws LogDamaged
 */
export const checkFile = (folder: string): boolean => {
  const path = join(folder, 'data.mdb');
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
  try {
    const { size } = fstatSync(fd);
    if (size === 0) return false;
    const first = readMeta(fd, 0, path);
    const second = readMeta(fd, first.pageSize, path);
    const { lastPage, pageSize } = second.txn > first.txn ? second : first;
    const needed = (Number(lastPage) + 1 - UNWRITTEN_PAGES) * pageSize;
    if (size < needed)
      throw new LogDamaged(`${path}: ${size} bytes, cut short of at least ${needed}; restore it from a backup`);
    return true;
  } finally {
    closeSync(fd);
  }
};

const bytesFree = (folder: string): string => {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return `${bavail * bsize} bytes free`;
  } catch {
    return 'free space unknown';
  }
};

export const unwritable = (folder: string, cause: unknown): LogUnwritable =>
  new LogUnwritable(
    `the log in ${folder} cannot be written: ${cause instanceof Error ? cause.message : String(cause)} (${bytesFree(folder)}); nothing was kept, reads go on`,
    { cause },
  );

/** More than a log takes that has nothing in it yet. */
const ROOM_BYTES = 128 * 1024;

/**
 * That the files which LMDB makes when it opens a log have room: it maps one of them into memory before it has any, which
 * would end the process on a full disk.
 * @throws LogUnwritable
 */
export const requireRoom = (folder: string): void => {
  if (['data.mdb', 'lock.mdb'].every((name) => existsSync(join(folder, name)))) return;
  const probe = join(folder, `room-${process.pid}.tmp`);
  try {
    writeFileSync(probe, Buffer.alloc(ROOM_BYTES), { flush: true });
  } catch (error) {
    throw unwritable(folder, error);
  } finally {
    rmSync(probe, { force: true });
  }
};

/** A place that may be read and not written, or takes no more, in Node's words and in LMDB's numbers. */
const UNWRITABLE = ['EPERM', 'EACCES', 'EROFS', 'ENOSPC', 'EDQUOT', 'EIO', '1', '13', '30', '28', '122', '5'];
/** LMDB's own numbers: page not found, corrupted, panic, version mismatch, invalid. */
const DAMAGED = ['-30797', '-30796', '-30794', '-30793'];

const codeOf = (error: unknown): string => String((error as { code?: unknown }).code);
export const isUnwritable = (error: unknown): boolean => UNWRITABLE.includes(codeOf(error));
export const isDamage = (error: unknown): boolean => DAMAGED.includes(codeOf(error));
