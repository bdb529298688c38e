import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { userInfo } from 'node:os';
import { basename, relative } from 'node:path';
import { INTERRUPTED } from '#terminal/failures.js';
import { typed } from '#terminal/format.js';
import { main } from '#terminal/program.js';
import type { Surroundings } from '#terminal/screen.js';

const who = (): string => {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
};

const started = (): string => {
  const path = process.argv[1] ?? '';
  if (!path.endsWith('.mjs')) return basename(path);
  const short = relative(process.cwd(), path);
  return `node ${typed(short.startsWith('..') ? path : short)}`;
};

/** A terminal and npm may each pass the same Ctrl-C on. */
const SAME_PRESS_MS = 1000;

/** The first interrupt asks for a stop at a step boundary, a second one ends the process. */
const onInterrupt = (stop: () => void): (() => void) => {
  let askedAt: number | undefined;
  const hear = (): void => {
    const now = performance.now();
    if (askedAt === undefined) {
      askedAt = now;
      stop();
    } else if (now - askedAt > SAME_PRESS_MS) process.exit(INTERRUPTED);
  };
  process.on('SIGINT', hear).on('SIGTERM', hear);
  return () => void process.off('SIGINT', hear).off('SIGTERM', hear);
};

const surroundings: Surroundings = {
  stdout: process.stdout,
  stderr: process.stderr,
  colour: !process.env['NO_COLOR'] && process.env['TERM'] !== 'dumb',
  now: () => performance.now(),
  command: started(),
  requester: who(),
  databaseUrl: process.env['DATABASE_URL'],
  eventStoreUrl: process.env['EVENTSTORE_URL'],
  token: process.env['PROMETHEUS_LEDGER_TOKEN'],
  invocation: randomUUID(),
  newKey: () => generateKeyPairSync('ed25519').privateKey,
  onInterrupt,
};

// A reader that has seen enough (`| head`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await main(process.argv.slice(2), surroundings);
