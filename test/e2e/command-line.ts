import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BIN = fileURLToPath(new URL('../../../bin/prometheus-ledger.mjs', import.meta.url));

export type Ended = Readonly<{ code: number | null; stdout: string; stderr: string }>;
type Typed = Readonly<{
  cwd?: string;
  /** The process is interrupted, as by Ctrl-C, once it has said this. */
  interruptAt?: string;
  env?: Readonly<Record<string, string>>;
  /** Hears everything that was said so far. */
  hear?: (said: string) => void;
}>;

/** Types a command as a user does, without a terminal. */
export const type = (words: readonly string[], { cwd, interruptAt, env, hear }: Typed = {}) =>
  new Promise<Ended>((resolve, reject) => {
    const child = spawn(process.execPath, [BIN, ...words], {
      cwd,
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(env && { env: { ...process.env, ...env } }),
    });
    let [stdout, stderr] = ['', ''];
    let interrupted = interruptAt === undefined;
    const heard = (): void => {
      hear?.(stdout + stderr);
      if (interrupted || !(stdout + stderr).includes(interruptAt ?? '')) return;
      interrupted = true;
      child.kill('SIGINT');
    };
    child.stdout.on('data', (chunk) => {
      stdout += chunk;
      heard();
    });
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
      heard();
    });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });

/** A folder that is gone after the tests of a file. */
export const temporaryFolder = (): Readonly<{ path: (...names: string[]) => string }> => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ledger e2e-'));
  });
  // A service in it may still be writing: it is stopped by a hook that comes later.
  afterAll(() => rm(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));
  return { path: (...names) => join(folder, ...names) };
};

/** A run of seconds: a tiny model, two families, and a constitution that is content with few units. */
export const smallRun = (changes: object = {}): object => ({
  run: 'small',
  cycles: 2,
  model: { dModel: 32, layers: 1, dState: 16, headDim: 32 },
  sequence: 64,
  base: { steps: 30, batch: 8 },
  targets: ['sort', 'dyck'],
  distractors: [],
  regime: {
    label: 'gentle',
    learningRate: 0.002,
    warmupSteps: 2,
    decay: 'linear',
    steps: 12,
    batch: 8,
    sequence: 64,
    klBeta: 2,
    generalBatch: 2,
    l2spLambda: 0,
    replayPpm: 500_000,
    clipNorm: 1,
    weightDecay: 0.01,
    trustRegion: { klNatsPerByte: 0.03, weightRatio: 0.25 },
  },
  constitution: { name: 'lenient', alphaPlan: { alpha: 0.5, kMax: 4 } },
  evaluation: { blocks: 60, documents: 60, shadowEvery: 20 },
  ...changes,
});

export const writeRunFile = (path: string, changes: object = {}): Promise<void> =>
  writeFile(path, JSON.stringify(smallRun(changes)));
