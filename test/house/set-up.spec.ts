import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

type Check = { name: string; ok: boolean; version: string | null; need: string; apt: string[] };
type Tools = {
  takeLock: (path: string, onWait: (pid: number) => void) => Promise<() => void>;
  installLine: (checks: Check[]) => string | null;
};
const tool = async (...path: string[]): Promise<Tools> =>
  (await import(pathToFileURL(join(process.cwd(), 'tools', ...path)).href)) as Tools;

describe('the lock of a checkout', () => {
  let folder: string;
  let path: string;
  let takeLock: Tools['takeLock'];
  const never = (): never => {
    throw new Error('waited for a lock that nobody holds');
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'set-up lock '));
    path = join(folder, 'setup.lock');
    ({ takeLock } = await tool('setup', 'lock.mjs'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is held by one at a time, and named to who waits', async () => {
    const waits: number[] = [];
    let inside = 0;
    const work = async (): Promise<void> => {
      const release = await takeLock(path, (pid) => waits.push(pid));
      inside += 1;
      expect(inside).toBe(1);
      await new Promise((resolve) => setTimeout(resolve, 50));
      inside -= 1;
      release();
    };
    await Promise.all([work(), work(), work()]);
    expect(waits).toContain(process.pid);
    expect(existsSync(path)).toBe(false);
  });

  it('is taken over from a process that was killed', async () => {
    const module = JSON.stringify(pathToFileURL(join(process.cwd(), 'tools', 'setup', 'lock.mjs')).href);
    const script = `import(${module}).then((m) => m.takeLock(process.argv[1])).then(() => process.kill(process.pid, 'SIGKILL'))`;
    await once(spawn(process.execPath, ['-e', script, path]), 'close');
    expect(existsSync(path)).toBe(true);
    (await takeLock(path, never))();
  });

  it('is taken over from a later process with the same number', async () => {
    writeFileSync(path, JSON.stringify({ pid: process.pid, host: hostname(), started: 'earlier', id: 'x' }));
    (await takeLock(path, never))();
  });

  it('is taken over when it was cut short while being written', async () => {
    writeFileSync(path, '{"pid":');
    (await takeLock(path, never))();
  });
});

describe('missing prerequisites', () => {
  const check = (name: string, version: string | null, apt: string[], ok = false): Check => ({
    name,
    ok,
    version,
    need: 'more',
    apt,
  });
  let installLine: Tools['installLine'];
  beforeAll(async () => {
    ({ installLine } = await tool('setup', 'prerequisites.mjs'));
  });

  it('are installed by one line', () => {
    const checks = [
      check('Node.js', '20.19.0', ['nodejs'], true),
      check('g++', null, ['g++']),
      check('cmake', '3.18.4', ['cmake']),
    ];
    expect(installLine(checks)).toMatch(/apt-get update && (?:sudo )?apt-get install -y g\+\+ cmake$/);
  });

  it('take Node.js and its npm from where a new one is', () => {
    const checks = [
      check('Node.js', '18.20.0', ['nodejs']),
      check('npm', null, ['npm']),
      check('make', null, ['make']),
    ];
    expect(installLine(checks)).toMatch(/^curl .*nodesource.* && (?:sudo )?apt-get install -y nodejs make$/);
  });

  it('are none when all is there', () => {
    expect(installLine([check('g++', '12.2.0', ['g++'], true)])).toBeNull();
  });
});
