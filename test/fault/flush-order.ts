import { dirname } from 'node:path';
import type { Call } from './traced.js';

const SETS_BYTES = ['write', 'writev', 'pwrite64', 'pwritev', 'pwritev2', 'ftruncate', 'fallocate'];
const FLUSHES = ['fsync', 'fdatasync'];
/** It locks, and holds nothing that must last. */
const LOCK = /\/lock\.mdb$/;

/** The descriptor that a call is given, and its path. */
const given = (text: string): readonly [descriptor: string, path: string] => {
  const [, descriptor = '', path = ''] = /^\w+\((\d+)<([^>]*)>/.exec(text) ?? [];
  return [descriptor, path];
};
const named = (text: string): readonly string[] => [...text.matchAll(/"([^"]*)"/g)].map(([, path = '']) => path);

/** What lies in memory only: bytes of files, and names of files in folders. */
class Unflushed {
  readonly faults: string[] = [];
  private readonly paths = new Set<string>();
  /** Descriptors whose every write is on the disk when it returns. */
  private readonly synchronous = new Set<string>();
  private acknowledged = 0;

  constructor(private readonly isFresh: boolean) {}

  take({ name, text }: Call): void {
    if (name === 'openat') this.opened(text);
    else if (name === 'mkdir') this.paths.add(dirname(named(text)[0] ?? ''));
    else if (name.startsWith('rename')) this.renamed(text);
    else if (name === 'unlink') this.paths.delete(named(text)[0] ?? '');
    const [descriptor, path] = given(text);
    if (name === 'write' && descriptor === '1') this.told();
    else if (FLUSHES.includes(name)) this.paths.delete(path);
    else if (SETS_BYTES.includes(name) && !LOCK.test(path) && !this.synchronous.has(descriptor)) this.paths.add(path);
  }

  private opened(text: string): void {
    const [, descriptor = '', path = ''] = /= (\d+)<([^>]*)>$/.exec(text) ?? [];
    this.synchronous[text.includes('O_DSYNC') ? 'add' : 'delete'](descriptor);
    const isNew = text.includes('O_EXCL') || (text.includes('O_CREAT') && this.isFresh);
    if (isNew && !LOCK.test(path)) this.paths.add(dirname(path));
  }

  private renamed(text: string): void {
    const [from = '', to = ''] = named(text);
    if (this.paths.has(from)) this.faults.push(`${from} was not on the disk when it became ${to}`);
    this.paths.add(dirname(to));
  }

  private told(): void {
    this.acknowledged += 1;
    for (const path of this.paths)
      this.faults.push(`${path} was not on the disk when the process spoke the ${this.acknowledged}. time`);
  }
}

/**
 * Whether all was on the disk when it was acknowledged: bytes in their file, names in their folder, and a file before it took
 * another's name. Says what was not.
 * @param calls those that concern a data folder, and those by which its writer spoke
 * @param isFresh whether the folder was empty before
 */
export const unflushed = (calls: readonly Call[], isFresh: boolean): readonly string[] => {
  const memory = new Unflushed(isFresh);
  for (const call of calls) if (!/ = -1 /.test(call.text)) memory.take(call);
  return memory.faults;
};
