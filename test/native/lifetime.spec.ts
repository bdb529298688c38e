import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { loadAddon, NativeUnavailable } from '#trainer/native-addon.js';

jest.setTimeout(60_000);

const SCRIPT = fileURLToPath(new URL('./lifetime-child.js', import.meta.url));
const ADDON = fileURLToPath(new URL('../../native/trainer.node', import.meta.url));

type Ending = { code: number | null; signal: string | null; out: string; errors: string };

/** Runs one scene of lifetime-child; `kill` is sent once training has begun. */
const play = async (scene: string, kill?: NodeJS.Signals): Promise<Ending> => {
  const child = spawn(process.execPath, [SCRIPT, scene], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let errors = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
    if (kill && out.includes('training')) child.kill(kill);
  });
  child.stderr.on('data', (chunk) => (errors += chunk));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { code, signal, out, errors };
};

describe('a process that trains', () => {
  it.each(['SIGKILL', 'SIGTERM'] as const)('dies at once of %s', async (signal) => {
    expect(await play('train', signal)).toMatchObject({ code: null, signal, errors: '' });
  });

  it('can exit while a job runs', async () => {
    expect(await play('exit')).toMatchObject({ code: 3, signal: null, errors: '' });
  });

  it('can exit while an evaluation runs', async () => {
    expect(await play('exit-evaluating')).toMatchObject({ code: 4, signal: null, errors: '' });
  });

  it('survives the end of a worker thread that trains, and can train again', async () => {
    const { code, out, errors } = await play('worker');
    expect({ code, errors }).toEqual({ code: 0, errors: '' });
    expect(out).toContain('trained after the worker');
  });

  it('ends by itself when its job is done', async () => {
    expect(await play('finish')).toMatchObject({ code: 0, errors: '', out: expect.stringContaining('finished') });
  });
});

describe('the loader', () => {
  const folder = mkdtempSync(join(tmpdir(), 'addon-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it('says how to build a missing addon', () => {
    expect(() => loadAddon(join(folder, 'absent.node'))).toThrow('absent.node is missing; run npm run build');
  });

  it('turns a file that is no addon into a message', () => {
    const path = join(folder, 'text.node');
    writeFileSync(path, 'not a library');
    expect(() => loadAddon(path)).toThrow(NativeUnavailable);
    expect(() => loadAddon(path)).toThrow('does not work on this machine');
  });

  it('turns a crash into a message: the child died, this process lives', () => {
    const path = join(folder, 'cut.node');
    copyFileSync(ADDON, path);
    truncateSync(path, 8192);
    expect(() => loadAddon(path)).toThrow('delete build/native and run npm run build');
  });
});
