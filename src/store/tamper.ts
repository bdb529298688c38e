import { copyFile, link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { Forgery } from '#audit/domain/forgery.js';
import { dataFolder, type DataFolder } from './data-folder.js';
import { openRecords, type RawRecords } from './lmdb-records.js';
import { storedBytes, toStoredValue } from './stored-value.js';

/** A forgery that has nothing to work on. */
export class NothingToForge extends Error {
  override readonly name = 'NothingToForge';
}

const filesIn = async (folder: string): Promise<readonly string[]> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return [];
      throw error;
    },
  );
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
};

/** Same content under another path: a second name where the file system gives one, else a copy. */
const mirror = async (from: string, to: string): Promise<void> => {
  for (const path of await filesIn(from)) {
    const target = join(to, relative(from, path));
    await mkdir(dirname(target), { recursive: true });
    await link(path, target).catch(() => copyFile(path, target));
  }
};

/**
 * A copy of a data folder to forge things in; `to` must not exist. The log is copied as one snapshot, even while it is
 * written to.
 */
export const copyDataFolder = async (from: DataFolder, to: string): Promise<DataFolder> => {
  const copy = dataFolder(to);
  await mkdir(copy.log, { recursive: true });
  const { root } = openRecords(from.log, { readOnly: true });
  try {
    await root.backup(copy.log, false);
  } finally {
    await root.close();
  }
  await mirror(from.artifacts, copy.artifacts);
  for (const path of await filesIn(from.tlog)) {
    const target = join(copy.tlog, relative(from.tlog, path));
    await mkdir(dirname(target), { recursive: true });
    await copyFile(path, target);
  }
  return copy;
};

type Records = RawRecords['records'];

const recordAt = (records: Records, position: number): Buffer => {
  const value = records.get(position);
  if (!value) throw new NothingToForge(`there is no record at position ${position}`);
  // A copy: the store's own memory changes as soon as something is written.
  return Buffer.from(storedBytes(value));
};

const put = (records: Records, position: number, bytes: Uint8Array): void => {
  records.putSync(position, toStoredValue(position, bytes));
};

const lastPosition = (records: Records): number => {
  for (const position of records.getKeys({ reverse: true, limit: 1 })) return position;
  return 0;
};

const flipped = (bytes: Uint8Array): Uint8Array => {
  const forged = Uint8Array.from(bytes);
  const middle = Math.floor(forged.length / 2);
  forged[middle] = (forged[middle] ?? 0) ^ 1;
  return forged;
};

type OfRecords = Exclude<Forgery, { sha256: string }>;

const forgeRecords = (records: Records, forgery: OfRecords): void => {
  const last = lastPosition(records);
  const at = (position: number): Buffer => recordAt(records, position);
  switch (forgery.kind) {
    case 'flip byte':
      return put(records, forgery.position, flipped(at(forgery.position)));
    case 'remove record': {
      const { position, close } = forgery;
      at(position);
      if (close) for (let next = position + 1; next <= last; next++) put(records, next - 1, at(next));
      records.removeSync(close ? last : position);
      return;
    }
    case 'swap records': {
      const [a, b] = forgery.positions;
      const [first, second] = [at(a), at(b)];
      put(records, a, second);
      put(records, b, first);
      return;
    }
    case 'reorder records': {
      const moved = at(forgery.to);
      for (let position = forgery.to; position > forgery.from; position--) put(records, position, at(position - 1));
      put(records, forgery.from, moved);
      return;
    }
    case 'cut tail':
      at(forgery.after + 1);
      for (let position = last; position > forgery.after; position--) records.removeSync(position);
  }
};

const forgeArtifact = async (folder: string, forgery: Extract<Forgery, { sha256: string }>): Promise<void> => {
  const path = join(folder, forgery.sha256.slice(0, 2), forgery.sha256);
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new NothingToForge(`there is no artifact ${forgery.sha256} at ${path}`, { cause: error });
  });
  if (forgery.kind === 'remove artifact') return rm(path);
  // A file of its own: the copy may share this one with the original.
  await writeFile(`${path}.forged`, flipped(bytes));
  await rename(`${path}.forged`, path);
};

/** Forges one thing in a copied data folder, as somebody with write access to the disk could. */
export const tamper = async (folder: DataFolder, forgery: Forgery): Promise<void> => {
  if ('sha256' in forgery) return forgeArtifact(folder.artifacts, forgery);
  const { root, records } = openRecords(folder.log, { readOnly: false });
  try {
    root.transactionSync(() => forgeRecords(records, forgery));
  } finally {
    await root.close();
  }
};
