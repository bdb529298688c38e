import { userInfo } from 'node:os';
import { basename, relative } from 'node:path';
import { main } from '#terminal/program.js';
import type { Surroundings } from '#terminal/screen.js';

const INTERRUPTED = 130;

const who = (): string => {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
};

const typed = (): string => {
  const path = process.argv[1] ?? '';
  if (!path.endsWith('.mjs')) return basename(path);
  const short = relative(process.cwd(), path);
  return `node ${short.startsWith('..') ? path : short}`;
};

/** The first interrupt asks for a stop at a step boundary, the second one ends the process. */
const onInterrupt = (stop: () => void): (() => void) => {
  let asked = false;
  const hear = (): void => {
    if (asked) process.exit(INTERRUPTED);
    asked = true;
    stop();
  };
  process.on('SIGINT', hear).on('SIGTERM', hear);
  return () => void process.off('SIGINT', hear).off('SIGTERM', hear);
};

const surroundings: Surroundings = {
  stdout: process.stdout,
  stderr: process.stderr,
  colour: !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb',
  now: () => performance.now(),
  command: typed(),
  requester: who(),
  onInterrupt,
};

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await main(process.argv.slice(2), surroundings);
