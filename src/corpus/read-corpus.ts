import { readFile, readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { NAME } from '#ledger/schema.js';
import { NotText, decodeText } from './domain/decode-text.js';
import { DEFAULT_CUT, cutCorpus, type CutCorpus, type CutOptions, type TextFile } from './domain/documents.js';
import type { Origin } from './domain/events.js';
import type { Provenance } from './register-corpus.js';

/** A corpus that cannot be read as it was named; the message says which path and what to change. */
export class UnreadableCorpus extends Error {
  override readonly name = 'UnreadableCorpus';
}

/** Text files in the order of their names, and what lay beside them that is no text. */
export type ReadFiles = Readonly<{
  files: readonly TextFile[];
  skipped: readonly Readonly<{ path: string; reason: string }>[];
}>;

/** One corpus is held in memory, as text and as training windows. */
export const MOST_BYTES = 256 * 1024 * 1024;

export type OwnCorpus = Readonly<{
  cut: CutCorpus;
  provenance: Provenance;
  /** Files below the folder that are no text. */
  skipped: ReadFiles['skipped'];
}>;

export type OwnTerms = Readonly<{ licence: string; origin: Origin; options: CutOptions }>;

export const codeUnitOrder = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Splits `name=path`; a name is what events and reports call the corpus. */
export const parseCorpusArgument = (argument: string): Readonly<{ name: string; path: string }> => {
  const at = argument.indexOf('=');
  const [name, path] = [argument.slice(0, at), argument.slice(at + 1)];
  if (at < 0 || !NAME.test(name) || path === '')
    throw new UnreadableCorpus(
      `corpus "${argument}": write name=path, the name 1 to 63 of a-z, 0-9, "." and "-" (english=docs/guide)`,
    );
  return { name, path };
};

/** Hidden entries and installed packages of a folder are not the user's text. */
const isForeign = (entry: string): boolean => entry.startsWith('.') || entry === 'node_modules';

const leadsToFile = async (link: string): Promise<boolean> =>
  stat(link).then(
    (facts) => facts.isFile(),
    () => false,
  );

/** Regular files below a folder as paths relative to it with "/", in code unit order. Linked folders are not followed. */
const listFiles = async (folder: string): Promise<readonly string[]> => {
  const found: string[] = [];
  const visit = async (prefix: string): Promise<void> => {
    for (const entry of await readdir(join(folder, prefix), { withFileTypes: true })) {
      if (isForeign(entry.name)) continue;
      const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
      if (entry.isDirectory()) await visit(path);
      else if (entry.isFile() || (entry.isSymbolicLink() && (await leadsToFile(join(folder, path))))) found.push(path);
    }
  };
  await visit('');
  return found.sort(codeUnitOrder);
};

const checkSize = (path: string, bytes: number): void => {
  if (bytes > MOST_BYTES)
    throw new UnreadableCorpus(
      `${path}: more than ${MOST_BYTES / 1024 / 1024} MiB in one corpus; give a part of it (head -c 256M) or several corpora`,
    );
};

const readFolder = async (folder: string, wanted: (path: string) => boolean): Promise<ReadFiles> => {
  const files: TextFile[] = [];
  const skipped: { path: string; reason: string }[] = [];
  let total = 0;
  for (const path of (await listFiles(folder)).filter(wanted)) {
    total += (await stat(join(folder, path))).size;
    checkSize(folder, total);
    try {
      files.push({ name: path, bytes: decodeText(path, await readFile(join(folder, path))) });
    } catch (error) {
      if (!(error instanceof NotText)) throw error;
      skipped.push({ path, reason: error.message });
    }
  }
  if (files.length === 0)
    throw new UnreadableCorpus(`${folder}: no text file in it${skipped[0] ? ` (${skipped[0].reason})` : ''}`);
  return { files, skipped };
};

const lastName = (path: string): string => basename(resolve(path));

const readOne = async (path: string, wanted: (path: string) => boolean): Promise<ReadFiles> => {
  const facts = await stat(path);
  if (facts.isDirectory()) return readFolder(path, wanted);
  if (!facts.isFile()) throw new UnreadableCorpus(`${path}: neither a file nor a folder`);
  checkSize(path, facts.size);
  const bytes = decodeText(path, await readFile(path));
  return { files: [{ name: lastName(path), bytes }], skipped: [] };
};

const explained = (path: string, error: unknown): Error => {
  if (error instanceof NotText) return new UnreadableCorpus(error.message);
  if (error instanceof UnreadableCorpus) return error;
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT') return new UnreadableCorpus(`${path}: does not exist`);
  return new UnreadableCorpus(`${path}: cannot be read (${code ?? String(error)})`);
};

/**
 * Text of a file, or of all wanted files below a folder. A folder's binary files are skipped and named; a single file that is
 * no text is refused.
 * @throws UnreadableCorpus
 */
export const readTextFiles = async (
  path: string,
  wanted: (path: string) => boolean = () => true,
): Promise<ReadFiles> => {
  try {
    return await readOne(path, wanted);
  } catch (error) {
    throw explained(path, error);
  }
};

/**
 * The user's own text as a corpus that can be registered. Its source is the last name of the path, since where a machine
 * keeps it is no part of what a run did.
 * @throws UnreadableCorpus
 */
export const readCorpus = async (name: string, path: string, terms: Partial<OwnTerms> = {}): Promise<OwnCorpus> => {
  const { files, skipped } = await readTextFiles(path);
  const cut = cutCorpus(name, files, terms.options ?? DEFAULT_CUT);
  if (cut.corpus.documents.length === 0)
    throw new UnreadableCorpus(`${path}: no document of 129 bytes or more in it; give more text`);
  const provenance: Provenance = {
    origin: terms.origin ?? { kind: 'human' },
    licence: terms.licence ?? 'unstated',
    source: lastName(path),
    filesSkipped: skipped.length,
  };
  return { cut, provenance, skipped };
};
