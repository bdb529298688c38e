import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Entry } from '#audit/domain/entry.js';
import { LogDamaged } from '#ledger/log.js';
import { cutFrames, SAID, type Frame } from './entries-frames.js';
import { requireFile } from './lmdb-records.js';
import { belongsAt, storedBytes } from './stored-value.js';

const CHILD = fileURLToPath(new URL('./entries-child.js', import.meta.url));

/** A page that leads to itself keeps LMDB busy for ever; whoever reads says that it works far more often than this. */
const LONGEST_SILENCE_MS = 30_000;
/** For the store to give up its reader's slot, which a killed reader leaves taken. */
const LONGEST_PARTING_MS = 5_000;

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** What the store holds at a position. Its bytes are cut out when they are asked for: few of many are held at a time. */
class StoredEntry implements Entry {
  constructor(
    readonly position: number,
    private readonly value: Buffer,
  ) {}

  get bytes(): Buffer {
    return storedBytes(this.value);
  }

  fits(at: number): boolean {
    return belongsAt(at, this.value);
  }
}

const damaged = (folder: string, what: string): LogDamaged =>
  new LogDamaged(`${join(folder, 'data.mdb')} is damaged inside: ${what}; restore it from a backup`);

/** Frames as they come, until the child ends or has been silent for too long and is killed. */
async function* framesOf(child: Child, patienceMs: number): AsyncGenerator<readonly Frame[]> {
  const silence = (): NodeJS.Timeout => setTimeout(() => child.kill('SIGKILL'), patienceMs);
  let rest: Buffer = Buffer.alloc(0);
  let timer = silence();
  try {
    for await (const chunk of child.stdout) {
      clearTimeout(timer);
      const cut = cutFrames(Buffer.concat([rest, chunk as Buffer]));
      rest = cut.rest;
      yield cut.frames;
      timer = silence();
    }
  } finally {
    clearTimeout(timer);
  }
}

/** Why the child ended without having said that it came to the end. */
const causeOf = async (folder: string, child: Child, complaint: Promise<string>): Promise<Error> => {
  const { exitCode, signalCode } = child;
  if (signalCode === 'SIGKILL') return damaged(folder, 'the reading of it does not come to an end');
  if (signalCode !== null) return damaged(folder, `whatever reads all of it is ended by ${signalCode}`);
  return new Error(`the log in ${folder} could not be looked through (exit code ${exitCode}): ${await complaint}`);
};

/**
 * Every record of a data folder in order of position, straight from the store. A process of its own reads them, since a
 * damaged page may end it. Who has come to the end of this without an error may open the log.
 * @param from position to begin at; the store is looked through as a whole only from its start
 * @throws LogAbsent, LogDamaged when the file cannot be read to its end
 */
export async function* lmdbEntries(
  folder: string,
  from = 0,
  patienceMs = LONGEST_SILENCE_MS,
): AsyncGenerator<readonly Entry[]> {
  requireFile(folder);
  const child = spawn(process.execPath, [CHILD, folder, String(from)], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = once(child, 'close');
  const complaint = text(child.stderr);
  let parting = 0;
  try {
    for await (const frames of framesOf(child, patienceMs)) {
      const entries: Entry[] = [];
      for (const { position, value } of frames) if (position >= 0) entries.push(new StoredEntry(position, value));
      if (entries.length > 0) yield entries;
      const last = frames.at(-1);
      if (last?.position !== SAID.end && last?.position !== SAID.damage) continue;
      parting = LONGEST_PARTING_MS;
      if (last.position === SAID.end) return;
      throw damaged(folder, last.value.toString());
    }
    await ended;
    throw await causeOf(folder, child, complaint);
  } finally {
    const timer = setTimeout(() => child.kill('SIGKILL'), parting);
    await ended;
    clearTimeout(timer);
  }
}
