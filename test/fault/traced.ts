import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Line } from './child.js';

/** What may change or read a file; not every kind of machine has all of these. */
const TRACED = [
  'openat mkdir write writev pwrite64 pwritev pwritev2 ftruncate fallocate fsync fdatasync msync',
  'rename renameat renameat2 unlink unlinkat rmdir read pread64',
]
  .flatMap((names) => names.split(' '))
  .map((name) => `?${name}`);

/** One call of the system, as strace writes it, with its result where it came back. */
export type Call = Readonly<{ name: string; text: string }>;

/** The nth call of this name, from 1, that concerns this path. */
export type Injection = Readonly<{ syscall: string; path: string; nth: number; fault: 'EIO' | 'ENOSPC' | 'KILL' }>;

export type Traced = Readonly<{
  lines: readonly Line[];
  /** In the order in which they began; where something is injected, those of its path. */
  calls: readonly Call[];
  ended: 'by itself' | 'by a signal' | 'not at all';
  errors: string;
}>;

const cannotTrace = (): string | undefined => {
  if (process.platform !== 'linux') return 'strace is for Linux';
  const { error, status } = spawnSync('strace', ['-f', '-o', '/dev/null', 'true'], { stdio: 'ignore' });
  if (error) return "Debian's package strace is not installed";
  return status === 0 ? undefined : 'strace may not trace processes here';
};

/** Why no process can be traced; undefined when it can. */
export const noTrace = cannotTrace();

/** Reads what strace wrote with `-f`; a call that another thread's interrupted is put together again. */
export const parseTrace = (trace: string): readonly Call[] => {
  const calls: { name: string; text: string }[] = [];
  const last = new Map<string, (typeof calls)[number]>();
  for (const line of trace.split('\n')) {
    const [, thread = '', text = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const [, rest] = /^<\.\.\. \w+ resumed>(.*)$/.exec(text) ?? [];
    const begun = last.get(thread);
    if (rest !== undefined && begun) begun.text = begun.text.replace('<unfinished ...>', '') + rest;
    const [, name] = /^(\w+)\(/.exec(text) ?? [];
    if (name === undefined) continue;
    const call = { name, text };
    last.set(thread, call);
    calls.push(call);
  }
  return calls;
};

const linesOf = (output: string): readonly Line[] =>
  output
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as Line);

const injecting = ({ syscall, path, nth, fault }: Injection): readonly string[] => {
  const what = fault === 'KILL' ? 'signal=KILL' : `error=${fault}`;
  return ['-P', path, '-e', `inject=${syscall}:${what}:when=${nth}`];
};

const LONGEST_MS = 120_000;

/**
 * Runs a script beside this one under strace, with one thread for its files.
 * @param trace where strace writes
 */
export const traced = async (
  script: string,
  args: readonly string[],
  trace: string,
  injection?: Injection,
): Promise<Traced> => {
  const shown = ['-f', '-y', '-qq', '-s', '16', '-e', 'signal=none', '-e', `trace=${TRACED.join()}`, '-o', trace];
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(
    'strace',
    [...shown, ...(injection ? injecting(injection) : []), process.execPath, path, ...args],
    {
      env: { ...process.env, UV_THREADPOOL_SIZE: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let [output, errors, hung] = ['', '', false];
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (errors += chunk));
  // What strace traces ends with it.
  const timer = setTimeout(() => (hung = child.kill('SIGKILL')), LONGEST_MS);
  const [, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  clearTimeout(timer);
  const calls = parseTrace(await readFile(trace, 'utf8'));
  const ended = hung ? 'not at all' : signal === null ? 'by itself' : 'by a signal';
  return { lines: linesOf(output), calls, ended, errors };
};
