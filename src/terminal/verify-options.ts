import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InvalidArgumentError } from 'commander';
import type { Head } from '#audit/domain/audit.js';
import { keepCheckpoint, type KeptCheckpoint } from '#audit/kept-checkpoint.js';
import { NoteInvalid, parseVerifier, type Verifier } from '#ledger/note.js';
import { TileFolder } from '#store/tile-folder.js';
import { BadInput } from './failures.js';

/** What somebody kept of the log elsewhere, as it was typed. */
export type KeptTyped = Readonly<{
  expectSize?: number;
  expectRoot?: string;
  checkpoint?: readonly string[];
  key?: string;
}>;

/** What somebody kept of the log elsewhere. */
export type Kept = Readonly<{ expected?: Head; kept: readonly KeptCheckpoint[]; key?: Verifier }>;

export const sha256Root = (text: string): string => {
  if (!/^[0-9a-f]{64}$/.test(text)) throw new InvalidArgumentError('64 lower-case hex digits are needed.');
  return text;
};

/** A key as text, or a file with it. @throws BadInput */
export const keyOf = async (given: string, option = '--key'): Promise<Verifier> => {
  const text = await readFile(given, 'utf8').catch(() => given);
  try {
    return parseVerifier(text);
  } catch (error) {
    if (!(error instanceof NoteInvalid)) throw error;
    throw new BadInput(`${option} ${error.message}, or a file with it, such as tlog/key.pub of a data folder`);
  }
};

const checkpointIn = async (file: string): Promise<KeptCheckpoint> => {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new BadInput(`--checkpoint ${file}: cannot be read (${error.code})`);
  });
  try {
    return await keepCheckpoint(`the checkpoint in ${file}`, text, new TileFolder(dirname(file)));
  } catch (error) {
    if (!(error instanceof NoteInvalid)) throw error;
    throw new BadInput(`--checkpoint ${file}: ${error.message}; \`log checkpoint\` prints one`);
  }
};

/** @throws BadInput */
export const keptOf = async ({ expectSize, expectRoot, checkpoint = [], key }: KeptTyped): Promise<Kept> => {
  const expected =
    expectSize !== undefined && expectRoot !== undefined ? { size: expectSize, root: expectRoot } : undefined;
  if (!expected && (expectSize !== undefined || expectRoot !== undefined))
    throw new BadInput('--expect-size and --expect-root: both are needed, as an earlier `verify` printed them');
  return {
    ...(expected && { expected }),
    kept: await Promise.all(checkpoint.map(checkpointIn)),
    ...(key !== undefined && { key: await keyOf(key) }),
  };
};
