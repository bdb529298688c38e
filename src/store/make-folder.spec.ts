import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeFolder } from './make-folder.js';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'folders-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('a folder is made with all that is missing above it, and may be there already', async () => {
  const path = join(folder, 'a', 'b', 'c');
  await makeFolder(path);
  await makeFolder(`${path}/`);
  expect((await stat(path)).isDirectory()).toBe(true);
});

test('a file in its way is named', async () => {
  await writeFile(join(folder, 'file'), '');
  await expect(makeFolder(join(folder, 'file'))).rejects.toThrow(/file: there is a file where a folder is needed/);
  await expect(makeFolder(join(folder, 'file', 'in'))).rejects.toThrow(/in: there is a file where a folder is needed/);
});

test('a place that takes no folder is refused at once', async () => {
  if (process.platform !== 'linux') return;
  await expect(makeFolder('/proc/x/y')).rejects.toThrow(/^\/proc\/x: no folder can be made in \/proc/);
});

test('a place where one may not write keeps the word of the system', async () => {
  if (process.getuid?.() === 0) return;
  await makeFolder(join(folder, 'shut'));
  await chmod(join(folder, 'shut'), 0o500);
  await expect(makeFolder(join(folder, 'shut', 'in'))).rejects.toMatchObject({ code: 'EACCES' });
});
