import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { smallRun, temporaryFolder, type, writeRunFile, type Ended } from './command-line.js';
import { ServiceProcess } from './service-process.js';

type Facts = Readonly<{ run: string; status: string; champion: string; anchor: string; interrupted?: boolean }>;

let service: ServiceProcess;
// Before the folder goes, whose hook comes later.
afterAll(async () => {
  await service?.stop();
});
const folder = temporaryFolder();

const byUrl = (...words: readonly string[]): Promise<Ended> => type([...words, '--url', service.url]);
const byFolder = (...words: readonly string[]): Promise<Ended> => type([...words, '--data', service.data]);
const parsed = <T>({ code, stdout, stderr }: Ended): T => {
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout) as T;
};
const refusal = async (ended: Promise<Ended>): Promise<string> => {
  const { code, stdout, stderr } = await ended;
  expect({ code, stdout, lines: stderr.trim().split('\n').length, stderr }).toMatchObject({
    code: 2,
    stdout: '',
    lines: 1,
  });
  return stderr;
};
const eventsOf = async (run: string, kind: string): Promise<number> =>
  (await service.get<{ items: unknown[] }>(`/v1/log?stream=run-${run}&type=${kind}&limit=1000`)).body.items.length;
const started = async (run: string, cycles: number): Promise<void> => {
  const answer = await service.post('/v1/runs', smallRun({ run, cycles, constitution: { name: `of-${run}` } }));
  expect(answer).toMatchObject({ status: 201 });
};

beforeAll(async () => {
  await writeRunFile(folder.path('run.json'));
  service = await ServiceProcess.start(folder.path('data'), '--log-level', 'silent');
}, 60_000);

test('a run is started at a service with text of this machine, and followed to its end as in a folder', async () => {
  const texts = ['corpora.english.package=english', 'general=english', 'texts=[mine]'].flatMap((set) => ['--set', set]);
  const words = ['run', 'start', folder.path('run.json'), ...texts, '--corpus', 'mine=src'];
  const { code, stdout } = await byUrl(...words);
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/Run small[^]*completed/) });
  expect(stdout).toContain(`verify --url ${service.url}`);
  const { config } = parsed<{ config: { texts: string[] } }>(await byUrl('run', 'show', 'small', '--json'));
  expect(config.texts).toEqual(['mine']);
  expect((await service.get<{ items: { canonical: string }[] }>('/v1/log?stream=corpus-mine')).body.items).toHaveLength(
    1,
  );
}, 120_000);

test('a service on the folder is found, does the work, and begins from a checkpoint that is sent to it', async () => {
  const out = folder.path('base');
  expect((await byUrl('checkpoint', 'export', 'small', '--to', out, '--cycle', '0')).code).toBe(0);
  const words = ['run', 'start', folder.path('run.json'), '--base', out, '--set', 'run=second', '--set', 'cycles=1'];
  const second = parsed<Facts>(await byFolder(...words, '--json'));
  const [first] = parsed<Facts[]>(await byUrl('run', 'list', '--json'));
  expect(second).toMatchObject({ run: 'second', status: 'completed', anchor: first?.anchor, interrupted: false });
}, 120_000);

test.each([
  [['run', 'list']],
  [['run', 'show', 'small']],
  [['run', 'watch', 'small']],
  [['run', 'diff', 'small', 'second']],
  [['cycle', 'show', 'small', '1']],
  [['verdict', 'explain', 'small', '1']],
  [['verify']],
  [['replay', 'small', '--cycle', '1']],
])('%j says the same of a service as of its folder', async (words) => {
  const [far, near] = await Promise.all([byUrl(...words, '--json'), byFolder(...words, '--json')]);
  expect(far.code).toBe(0);
  expect(JSON.parse(far.stdout)).toEqual(JSON.parse(near.stdout));
});

test('a run is halted, resumed and rolled back, by address and by folder', async () => {
  await started('changed', 3);
  expect(parsed<Facts>(await byUrl('run', 'halt', 'changed', '--reason', 'lunch', '--json')).status).toBe('halted');
  expect(await refusal(byFolder('run', 'halt', 'changed', '--reason', 'again'))).toMatch(/halted/);
  const resumed = parsed<Facts>(await byFolder('run', 'resume', 'changed', '--json'));
  expect(resumed).toMatchObject({ status: 'completed', interrupted: false });
  expect(await eventsOf('changed', 'RunHalted')).toBe(1);
  expect(await eventsOf('changed', 'RunResumed')).toBe(1);
  const back = await byUrl('run', 'rollback', 'changed', '--to', '0', '--reason', 'drill', '--json');
  expect(parsed(back)).toEqual({ run: 'changed', from: resumed.champion, to: resumed.anchor, verified: true });
  expect(back.stderr).toContain('re-hashed and probed again');
  expect(await refusal(byUrl('run', 'resume', 'changed'))).toMatch(/completed; there is nothing to go on with/);
}, 120_000);

test('Ctrl-C ends the following, not the run', async () => {
  const words = ['run', 'start', folder.path('run.json'), '--set', 'run=left', '--set', 'cycles=4'];
  const { code, stdout } = await type([...words, '--set', 'constitution.name=of-left', '--url', service.url], {
    interruptAt: 'Cycle 1 of',
  });
  expect({ code, stdout }).toMatchObject({ code: 130, stdout: expect.stringMatching(/goes on with the run/) });
  expect(stdout).toContain(`run halt left --reason "why" --url ${service.url}`);
  const watched = await byFolder('run', 'watch', 'left', '--json');
  expect(parsed<Facts>(watched).status).toBe('completed');
}, 120_000);

test('what a service refuses, and what cannot be its work, is one line', async () => {
  expect(await refusal(byUrl('run', 'show', 'absent'))).toMatch(/"absent" does not exist; there are: small, second/);
  expect(await refusal(byUrl('run', 'start', folder.path('run.json')))).toMatch(/small exists already/);
  expect(await refusal(byUrl('verify', '--record'))).toMatch(/--record: only the service at/);
  expect(await refusal(byFolder('replay', 'small', '--record'))).toMatch(/--record: only the service at/);
  expect(await refusal(byUrl('demo'))).toMatch(/--url .*works on a data folder/);
  expect(await refusal(byUrl('run', 'list', '--data', service.data))).toMatch(/leave out one of them/);
  expect(await refusal(type(['run', 'list', '--url', 'nowhere']))).toMatch(/--url nowhere: an address/);
  expect(await refusal(type(['run', 'list', '--url', 'http://127.0.0.1:9']))).toMatch(/no service answers.*`serve`/);
});

test('what a run would be refused for is found out before its text has a name at the service', async () => {
  await writeFile(folder.path('little.txt'), 'A sentence or two, and no more than that. '.repeat(40));
  const named = async (): Promise<unknown> => (await service.get('/v1/log?stream=corpus-later')).body;
  const before = await named();
  const file = ['run', 'start', folder.path('run.json'), '--set', 'general=later'];
  const start = (...words: readonly string[]): readonly string[] => [...file, ...words];
  const little = start('--set', 'run=later', '--corpus', `later=${folder.path('little.txt')}`);
  expect(await refusal(byUrl(...little))).toMatch(/later/);
  expect(await refusal(byUrl(...start('--corpus', 'later=src')))).toMatch(/small exists already/);
  expect(await named()).toEqual(before);
  const enough = start('--set', 'run=later', '--set', 'cycles=1', '--corpus', 'later=src');
  expect((await byUrl(...enough, '--set', 'constitution.name=of-later')).code).toBe(0);
}, 120_000);

test('doctor says whether a service runs on the folder', async () => {
  const { stdout } = await byFolder('doctor', '--json');
  expect(JSON.parse(stdout)).toMatchObject({ service: { data: service.data, url: service.url } });
  expect((await type(['doctor', '--data', folder.path('none')])).stdout).toMatch(/No service runs on/);
});

test('a watch goes on when the service comes back; a stale service.json is no service', async () => {
  await started('outlived', 6);
  const port = new URL(service.url).port;
  let watching: Promise<Ended> | undefined;
  await new Promise<void>((resolve) => {
    const hear = (said: string): void => void (said.includes('Cycle 1 of') && resolve());
    watching = type(['run', 'watch', 'outlived', '--url', service.url], { hear });
  });
  await service.kill();
  expect(JSON.parse(await readFile(join(service.data, 'service.json'), 'utf8'))).toMatchObject({ url: service.url });
  expect(parsed<Facts>(await byFolder('run', 'halt', 'outlived', '--reason', 'power cut', '--json')).status).toBe(
    'halted',
  );
  service = await ServiceProcess.start(service.data, '--log-level', 'silent', '--port', port);
  expect(parsed<Facts>(await byFolder('run', 'resume', 'outlived', '--json')).status).toBe('completed');
  const { code, stdout } = (await watching) as Ended;
  expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/asking again …[^]*answers again/) });
  expect(stdout).toMatch(/halted +power cut[^]*completed/);
}, 180_000);

test('the port of a stale service.json may be that of another service by now', async () => {
  const other = folder.path('other');
  await writeRunFile(folder.path('other.json'), { run: 'elsewhere', cycles: 1 });
  expect((await type(['run', 'start', folder.path('other.json'), '--data', other, '--json'])).code).toBe(0);
  const gone = { url: service.url, pid: 1, secret: 'pl_owner_of_another_life' };
  await writeFile(join(other, 'service.json'), JSON.stringify(gone));
  const words = ['run', 'rollback', 'elsewhere', '--to', '0', '--reason', 'drill', '--data', other];
  expect((await type(words)).code).toBe(0);
  expect((await service.get('/v1/log?stream=run-elsewhere')).text).not.toContain('elsewhere"');
}, 60_000);
