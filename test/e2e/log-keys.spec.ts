import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { openCheckpoint } from '#ledger/checkpoint.js';
import { parseVerifier } from '#ledger/note.js';
import { temporaryFolder, type } from './command-line.js';
import { ServiceProcess } from './service-process.js';

let service: ServiceProcess | undefined;
// Before the folder goes, whose hook comes later.
afterAll(async () => {
  await service?.stop();
});
const folder = temporaryFolder();

type Rotated = Readonly<{ origin: string; oldKey: string; newKey: string }>;
const seedIn = async (path: string): Promise<string> => (await readFile(path, 'utf8')).trim().split('+').at(-1) ?? '';

/** Every byte of every file, but of those that hold a key. */
const bytesBeneath = async (path: string, but: string): Promise<string> => {
  const files = (await readdir(path, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
  const read = files
    .map(({ parentPath, name }) => join(parentPath, name))
    .filter((file) => !file.startsWith(but))
    .map((file) => readFile(file, 'latin1'));
  return (await Promise.all(read)).join('\n');
};

test('the owner gives a folder, then its service, another key; verify follows, and no private half is anywhere else', async () => {
  const data = folder.path('data');
  const keys = folder.path('keys');
  const where = ['--data', data, '--log-key', join(keys, 'of-the-log')];
  expect((await type(['token', 'create', '--name', 'vera', '--role', 'viewer', ...where])).code).toBe(0);
  expect((await stat(join(keys, 'of-the-log'))).mode & 0o777).toBe(0o600);
  const secrets = [await seedIn(join(keys, 'of-the-log'))];
  const rotated = await type(['log', 'rotate-key', '--reason', 'a year is over', '--json', ...where]);
  const first = JSON.parse(rotated.stdout) as Rotated;
  secrets.push(await seedIn(join(keys, 'of-the-log')));
  expect(await type(['verify', ...where])).toMatchObject({ code: 0 });

  service = await ServiceProcess.start(data, '--log-level', 'trace', '--log-key', join(keys, 'of-the-log'));
  const stranger = await service.post('/v1/log/key-rotations', { reason: 'why not' });
  expect(stranger.status).toBe(403);
  const empty = await service.post('/v1/log/key-rotations', {}, { token: await service.secret() });
  expect(empty).toMatchObject({ status: 422, body: { field: 'reason' } });
  const again = await type(['log', 'rotate-key', '--reason', 'a disk was stolen', '--json', '--data', data]);
  const second = JSON.parse(again.stdout) as Rotated;
  secrets.push(await seedIn(join(keys, 'of-the-log')));
  expect(second.oldKey).toBe(first.newKey);
  const { text } = await service.get('/log/checkpoint');
  for (const key of [second.oldKey, second.newKey]) openCheckpoint(text, [parseVerifier(key)]);
  expect(() => openCheckpoint(text, [parseVerifier(first.oldKey)])).toThrow();
  expect(await type(['verify', '--url', service.url])).toMatchObject({ code: 0 });

  const answers = await Promise.all(
    ['/readyz', '/metrics', '/v1/log?limit=1000', '/log/key.pub'].map(async (path) => (await service?.get(path))?.text),
  );
  const commandLine = await readFile(`/proc/${service.child.pid}/cmdline`, 'latin1').catch(() => '');
  await service.stop();
  const seen = [rotated, again].flatMap(({ stdout, stderr }) => [stdout, stderr]);
  const everything = [...answers, ...seen, service.stderr, commandLine, await bytesBeneath(data, keys)].join('\n');
  expect(new Set(secrets).size).toBe(3);
  for (const secret of secrets) {
    expect(everything).not.toContain(secret);
    expect(everything).not.toContain(Buffer.from(secret, 'base64').subarray(1).toString('hex'));
    expect(everything).not.toContain(Buffer.from(secret, 'base64').subarray(1).toString('latin1'));
  }
  expect(everything).toContain('KeyRotated');
}, 120_000);
