import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { runDigest } from '#ledger/digest.js';
import type { Record } from '#ledger/record.js';
import { smallFile } from '../simulation/small-run.js';
import { Child } from './child-process.js';
import { temporaryFolder, type, writeRunFile } from './command-line.js';
import { prepareRunIn, recordsIn, untilLast } from './prepared-run.js';
import { ServiceProcess } from './service-process.js';

// The CUDA backend from the command line, with the emulated device in a GPU's place.

const folder = temporaryFolder();
const STREAM = 'run-small';
const EMULATED = 'cuda (emulation on the processor, no GPU)';
const SHORT = { cycles: 1, base: { steps: 6, batch: 4 } };
const LEASE = ['--lease', '60'];
const children: { end(signal: NodeJS.Signals): Promise<unknown> }[] = [];
afterAll(() => Promise.all(children.map((child) => child.end('SIGKILL'))));

const plugin = (name: string, failing = ''): Readonly<{ [name: string]: string }> => ({
  TRAINER_DEVICE_PLUGIN: fileURLToPath(new URL(`../../native/${name}.so`, import.meta.url)),
  FAILING_PLUGIN: failing,
});
const serve = async (data: string, env: Readonly<{ [name: string]: string }>, ...words: readonly string[]) => {
  const service = await ServiceProcess.startIn(env, data, '--log-level', 'silent', ...LEASE, ...words);
  children.push({ end: () => service.kill() });
  return service;
};
const trainer = (url: string, env: Readonly<{ [name: string]: string }>): Child => {
  const words = ['bin/prometheus-ledger.mjs', 'trainer', '--url', url, '--backend', 'cuda'];
  const child = Child.start(
    'env',
    ...Object.entries(env).map(([name, is]) => `${name}=${is}`),
    process.execPath,
    ...words,
  );
  children.push(child);
  return child;
};
const until = (data: string, kind: string): Promise<Record> => untilLast(data, STREAM, (last) => last.type === kind);
const ofType = async (data: string, kind: string): Promise<readonly Record[]> =>
  (await recordsIn(data, STREAM)).filter((record) => record.type === kind);
const backends = async (data: string): Promise<readonly unknown[]> =>
  (await ofType(data, 'UpdateStarted')).map((record) => (record.data['env'] as { backend: string }).backend);

/** What the run comes to where nothing but the processor computes. */
let wanted: string;
beforeAll(async () => {
  const data = folder.path('processor');
  await prepareRunIn(data, smallFile('small', SHORT));
  expect((await type(['run', 'resume', 'small', '--data', data])).code).toBe(0);
  wanted = runDigest(await recordsIn(data, STREAM));
}, 120_000);

test('a run of this process comes to the same, and replays on the processor to the same bits', async () => {
  const data = folder.path('direct');
  await prepareRunIn(data, smallFile('small', SHORT));
  const words = ['run', 'resume', 'small', '--data', data, '--backend', 'cuda'];
  expect((await type(words, { env: plugin('emulated_cuda') })).code).toBe(0);
  expect(await backends(data)).toEqual([EMULATED, EMULATED]);
  expect(runDigest(await recordsIn(data, STREAM))).toBe(wanted);
  const replayed = await type(['replay', 'small', '--data', data, '--json']);
  expect(replayed.code).toBe(0);
  expect(JSON.parse(replayed.stdout)).toMatchObject({ matched: 2, runDigest: { recorded: wanted, replayed: wanted } });
}, 120_000);

test('a device that fails ends the attempt, is named in the log, and costs the run nothing', async () => {
  const data = folder.path('failing');
  await prepareRunIn(data, smallFile('small', SHORT));
  const words = ['run', 'resume', 'small', '--data', data];
  const failed = await type([...words, '--backend', 'cuda'], { env: plugin('failing_plugin', 'memory') });
  expect(failed.code).toBe(2);
  expect(failed.stderr).toBe('prometheus-ledger: backend cuda: out of memory: the device is full\n');
  const [aborted, ...more] = await ofType(data, 'UpdateAborted');
  expect(more).toEqual([]);
  expect(aborted?.data).toMatchObject({ cycle: 0, reason: 'crash', message: expect.stringContaining('out of memory') });
  expect((await type(words)).code).toBe(0);
  expect(runDigest(await recordsIn(data, STREAM))).toBe(wanted);
  expect((await type(['verify', '--data', data])).code).toBe(0);
}, 120_000);

test('a run whose device fails at once is begun all the same, and its user is told how to go on', async () => {
  const [data, file] = [folder.path('failing at once'), folder.path('small.yaml')];
  await writeFile(file, JSON.stringify(smallFile('small', SHORT)));
  const words = ['run', 'start', file, '--data', data, '--backend', 'cuda'];
  const failed = await type(words, { env: plugin('failing_plugin', 'memory') });
  expect(failed).toMatchObject({ code: 2, stdout: expect.stringContaining('run resume small --data') });
  expect(failed.stderr).toBe('prometheus-ledger: backend cuda: out of memory: the device is full\n');
}, 120_000);

test('Ctrl-C, which a terminal sends to the child too, stops at a step and gives the update back', async () => {
  const data = folder.path('interrupted');
  await prepareRunIn(data, smallFile('small', { ...SHORT, base: { steps: 2000, batch: 4 } }));
  const words = ['bin/prometheus-ledger.mjs', 'run', 'resume', 'small', '--data', data, '--backend', 'cuda'];
  const env = { ...process.env, ...plugin('emulated_cuda') };
  const child = spawn(process.execPath, words, { detached: true, stdio: 'ignore', env });
  children.push({ end: async () => child.kill('SIGKILL') });
  await until(data, 'UpdateStarted');
  process.kill(-(child.pid ?? 0), 'SIGINT');
  expect((await once(child, 'close'))[0]).toBe(130);
  const [aborted, ...more] = await ofType(data, 'UpdateAborted');
  expect([aborted?.data['reason'], more]).toEqual(['cancelled', []]);
}, 120_000);

test('a service outlives the crash of its device, and a trainer elsewhere takes its order', async () => {
  const data = folder.path('service');
  await prepareRunIn(data, smallFile('small', SHORT));
  const first = await serve(data, plugin('failing_plugin', 'crash'), '--backend', 'cuda');
  await first.until('/readyz', ({ text }) => text.includes('its process ended (SIGSEGV)'));
  expect((await first.get('/livez')).status).toBe(200);
  expect(await first.stop()).toBe(0);
  const [aborted] = await ofType(data, 'UpdateAborted');
  expect(aborted?.data).toMatchObject({ reason: 'crash', message: expect.stringContaining('SIGSEGV') });

  const second = await serve(data, {}, '--no-trainer');
  const dying = trainer(second.url, plugin('failing_plugin', 'crash'));
  await dying.until('its process ended (SIGSEGV)');
  expect(dying.process.exitCode).toBeNull();
  expect(await dying.end('SIGINT')).toBe(0);
  const lasting = trainer(second.url, plugin('emulated_cuda'));
  await until(data, 'RunCompleted');
  expect(await lasting.end('SIGINT')).toBe(0);
  expect(await second.stop()).toBe(0);
  expect((await backends(data)).at(-1)).toBe(EMULATED);
  expect(runDigest(await recordsIn(data, STREAM))).toBe(wanted);
}, 240_000);

test('where no device is, one line says so and nothing is claimed', async () => {
  const data = folder.path('refused');
  await prepareRunIn(data, smallFile('small', SHORT));
  await writeRunFile(folder.path('run.json'));
  const said = (why: RegExp): RegExp =>
    new RegExp(`^prometheus-ledger: --backend cuda: not on this machine \\(${why.source}\\); there is cpu\n$`);
  const refuses = async (words: readonly string[], env: Readonly<{ [name: string]: string }>, why: RegExp) => {
    const { code, stdout, stderr } = await type([...words, '--backend', 'cuda'], { env });
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: expect.stringMatching(said(why)) });
  };
  const absent = /no plugin: .*absent\.so: No such file or directory/;
  await refuses(['run', 'start', folder.path('run.json'), '--data', folder.path('none')], plugin('absent'), absent);
  expect(existsSync(folder.path('none'))).toBe(false);
  await refuses(['serve', '--port', '0', '--data', data], plugin('absent'), absent);
  const service = await serve(data, {}, '--no-trainer');
  await until(data, 'UpdateRequested');
  await refuses(['trainer', '--url', service.url], plugin('wrong_plugin'), /.*add has other bits than the contract/);
  expect((await until(data, 'UpdateRequested')).data).toMatchObject({ cycle: 0, env: { attempt: 1 } });
  expect(await service.stop()).toBe(0);
}, 120_000);

test('doctor says what of CUDA is there', async () => {
  const facts = async (env: Readonly<{ [name: string]: string }>): Promise<string> => {
    const { stdout } = await type(['doctor', '--json', '--data', folder.path('none')], { env });
    return (JSON.parse(stdout) as { facts: { name: string; value: string }[] }).facts
      .filter(({ name }) => /CUDA (plugin|device)/.test(name))
      .map(({ name, value }) => `${name}: ${value}`)
      .join('; ');
  };
  expect(await facts(plugin('emulated_cuda'))).toMatch(
    /^CUDA plugin: .*emulated_cuda\.so; CUDA device: emulation on the processor, no GPU; it passed its self-test$/,
  );
  expect(await facts(plugin('absent'))).toMatch(/^CUDA plugin: .*absent\.so is not there; CUDA device: no plugin: /);
}, 120_000);

test('who names a device where another process trains is told so', async () => {
  const data = folder.path('elsewhere');
  await prepareRunIn(data, smallFile('small', SHORT));
  const service = await serve(data, {}, '--no-trainer');
  const resumed = await type(['run', 'resume', 'small', '--data', data, '--backend', 'cuda']);
  expect(resumed).toMatchObject({ code: 2, stderr: expect.stringContaining(`the service at ${service.url} trains`) });
  expect(await service.stop()).toBe(0);
  const idle = await type(['serve', '--data', data, '--no-trainer', '--backend', 'cuda']);
  expect(idle).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--no-trainer trains nothing in this process'),
  });
}, 120_000);
