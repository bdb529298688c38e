import { access, readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import {
  ArtifactDamaged,
  ArtifactMissing,
  Artifacts,
  ArtifactUnwritable,
  checkingHash,
  gone,
} from '#ledger/artifacts.js';
import { sha256 } from '#ledger/digest.js';
import { flushFolder } from './make-folder.js';
import { isSameRunning, thisProcess } from './owner.js';
import { writeWhole } from './whole-file.js';

const HASH = /^[0-9a-f]{64}$/;

/** Ends the name of the file that says why an artifact was erased. */
const ERASED = '.erased';

const SHELF = /^[0-9a-f]{2}$/;
/** What is being written, by which process: its number and the tick it began at. */
const UNFINISHED = /^[0-9a-f]{64}\.(\d+)-(\d*)-\d+\.tmp$/;

const self = thisProcess();

/** Whether the process that was writing this file is gone. */
const isLeft = (file: string): boolean => {
  const [, pid, started = ''] = UNFINISHED.exec(file) ?? [];
  return pid !== undefined && !isSameRunning(Number(pid), started);
};

/** Nothing is there, or nothing can be. */
const ABSENT = new Set(['ENOENT', 'ENOTDIR']);

const codeOf = (error: unknown): string => String((error as NodeJS.ErrnoException).code);

/** Artifacts as files `<folder>/<first two digits>/<hash>`, each whole or absent. */
export class FileArtifacts extends Artifacts {
  private written = 0;

  constructor(readonly folder: string) {
    super();
  }

  async put(bytes: Uint8Array): Promise<string> {
    const name = sha256(bytes);
    const path = this.path(name);
    await this.requireThere(name);
    try {
      const present = await readFile(path).catch(() => undefined);
      // Whoever wrote it may have been cut off before its name was on the disk.
      if (present && Buffer.compare(present, bytes) === 0) await flushFolder(dirname(path));
      else await this.write(path, [bytes]);
    } catch (error) {
      throw new ArtifactUnwritable(`artifact ${name} (${bytes.length} bytes) cannot be written to ${path}: ${error}`, {
        cause: error,
      });
    }
    return name;
  }

  override async receive(name: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const path = this.path(name);
    await this.requireThere(name);
    let broken: unknown;
    const coming = async function* (): AsyncGenerator<Uint8Array> {
      try {
        yield* checkingHash(name, chunks);
      } catch (error) {
        broken = error;
        throw error;
      }
    };
    try {
      await this.write(path, coming());
    } catch (error) {
      if (broken !== undefined) throw broken;
      throw new ArtifactUnwritable(`artifact ${name} cannot be written to ${path}: ${error}`, { cause: error });
    }
  }

  async get(name: string): Promise<Uint8Array> {
    const path = this.path(name);
    const bytes = await readFile(path).catch(async (error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error;
      await this.requireThere(name);
      throw new ArtifactMissing(`artifact ${name} is not at ${path}; copy it there from a backup or an export`);
    });
    const actual = sha256(bytes);
    if (actual !== name)
      throw new ArtifactDamaged(
        `artifact ${name}: the ${bytes.length} bytes at ${path} have SHA-256 ${actual}; replace the file from a backup or an export`,
      );
    return bytes;
  }

  async has(name: string): Promise<boolean> {
    if (!HASH.test(name)) return false;
    return access(this.path(name)).then(
      () => true,
      () => false,
    );
  }

  /** Looks through each folder once, where it may be listed. */
  override async among(names: readonly string[]): Promise<ReadonlySet<string>> {
    const there = new Set<string>();
    const shelves = new Map<string, string[]>();
    for (const name of names.filter((each) => HASH.test(each))) {
      const shelf = shelves.get(name.slice(0, 2)) ?? [];
      shelf.push(name);
      shelves.set(name.slice(0, 2), shelf);
    }
    for (const [shelf, wanted] of shelves) {
      const listed = await readdir(join(this.folder, shelf)).catch((error: unknown) =>
        ABSENT.has(codeOf(error)) ? [] : undefined,
      );
      const files = listed ? new Set(listed) : await super.among(wanted);
      for (const name of wanted) if (files.has(name)) there.add(name);
    }
    return there;
  }

  /**
   * Removes what processes that were killed left half written, and nothing of one that runs. For whoever has the log of the
   * data folder open to write: a process of another container cannot be asked for, and then there is none.
   */
  async sweep(): Promise<void> {
    const names = async (folder: string): Promise<readonly string[]> => readdir(folder).catch(() => []);
    for (const shelf of await names(this.folder)) {
      if (!SHELF.test(shelf)) continue;
      const left = (await names(join(this.folder, shelf))).filter(isLeft);
      // What cannot be removed stays where it is and is in nobody's way.
      await Promise.all(left.map((file) => rm(join(this.folder, shelf, file)).catch(() => undefined)));
    }
  }

  /** Why stands beside where the bytes were, on disk before they go. */
  async erase(name: string, why: string): Promise<void> {
    const path = this.path(name);
    try {
      if ((await this.reason(name)) === undefined) await this.write(`${path}${ERASED}`, [Buffer.from(`${why}\n`)]);
      await rm(path, { force: true });
    } catch (error) {
      throw new ArtifactUnwritable(`artifact ${name} cannot be erased at ${path}: ${error}`, { cause: error });
    }
    await flushFolder(dirname(path));
  }

  private async reason(name: string): Promise<string | undefined> {
    return readFile(`${this.path(name)}${ERASED}`, 'utf8').then(
      (text) => text.trim(),
      (error: unknown) => {
        if (ABSENT.has(codeOf(error))) return undefined;
        throw error;
      },
    );
  }

  /** @throws ArtifactGone */
  private async requireThere(name: string): Promise<void> {
    const why = await this.reason(name);
    if (why !== undefined) throw gone(name, why);
  }

  private path(name: string): string {
    if (!HASH.test(name)) throw new ArtifactMissing(`"${name}" names no artifact: a name is 64 lower-case hex digits`);
    return join(this.folder, name.slice(0, 2), name);
  }

  private write(path: string, chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<void> {
    return writeWhole(path, chunks, { temporary: `${path}.${self.pid}-${self.started}-${this.written++}.tmp` });
  }
}
