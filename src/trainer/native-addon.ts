import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The native trainer cannot be used here; the message says what to do. */
export class NativeUnavailable extends Error {
  override readonly name = 'NativeUnavailable';
}

const TRIAL_TIMEOUT_MS = 60_000;

/** Loads the binary and computes one small loss with it, so that an unknown instruction shows here and not later. */
const TRIAL = `
const trainer = require(process.argv[1]);
const model = { dModel: 64, layers: 1, dState: 64, headDim: 64, expand: 2, convWidth: 4, chunk: 64, vocab: 256 };
const sequences = Buffer.alloc(16 + 3 * 64, 1);
sequences.write('PLSQ0001');
sequences.writeUInt32LE(1, 8);
sequences.writeUInt32LE(64, 12);
trainer.evaluate(trainer.initialise(JSON.stringify(model), 1n), sequences, { threads: 1 }).then(({ nllNats }) => {
  if (!(nllNats[0] > 0)) throw new Error('a small evaluation gave ' + nllNats[0]);
});`;

/** The folder of this package: the nearest one above with a package.json. */
const packageRoot = (): string => {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'package.json'))) {
    if (dirname(folder) === folder) throw new NativeUnavailable('native trainer: no package.json above its loader');
    folder = dirname(folder);
  }
  return folder;
};

/** What the trial's outcome depends on. The hash is taken anew only when the file's time or size changed. */
type Trial = Readonly<{ mtimeMs: number; size: number; sha256: string; node: string }>;

const readTrial = (path: string): Trial | undefined => {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Trial;
  } catch {
    return undefined; // never tried, or the note is damaged: try again
  }
};

const writeTrial = (path: string, trial: Trial): void => {
  try {
    const part = `${path}.${process.pid}`;
    writeFileSync(part, `${JSON.stringify(trial)}\n`);
    renameSync(part, path);
  } catch {
    // a folder that cannot be written only costs the trial again next time
  }
};

/** Runs the trial in a process of its own. @throws NativeUnavailable with the reason when that process failed */
const tryInChild = (binary: string): void => {
  const child = spawnSync(process.execPath, ['-e', TRIAL, binary], {
    encoding: 'utf8',
    timeout: TRIAL_TIMEOUT_MS,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  if (child.status === 0) return;
  const said = /^\w*Error: .*$/m.exec(child.stderr)?.[0];
  const ended = child.signal ? `signal ${child.signal}` : `exit code ${child.status}`;
  const reason = child.error?.message ?? said ?? `the process that tried it ended with ${ended}`;
  throw new NativeUnavailable(
    `native trainer: ${binary} does not work on this machine: ${reason}; delete build/native and run npm run build`,
  );
};

/** Tries the binary once in a child; a good outcome is noted beside it. */
const tryOnce = (binary: string): void => {
  const note = `${binary}.tried`;
  const { mtimeMs, size } = statSync(binary);
  const before = readTrial(note);
  const node = process.version;
  if (before?.mtimeMs === mtimeMs && before.size === size && before.node === node) return;
  const sha256 = createHash('sha256').update(readFileSync(binary)).digest('hex');
  if (before?.sha256 !== sha256 || before.node !== node) tryInChild(binary);
  writeTrial(note, { mtimeMs, size, sha256, node });
};

/**
 * Loads a binary of the addon; without a path, the one of this checkout.
 * @throws NativeUnavailable
 */
export const loadAddon = (binary = join(packageRoot(), 'build', 'native', 'trainer.node')): unknown => {
  if (!existsSync(binary)) throw new NativeUnavailable(`native trainer: ${binary} is missing; run npm run build`);
  tryOnce(binary);
  return createRequire(import.meta.url)(binary);
};
