import { spawnSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dataFolder } from '#store/data-folder.js';
import { smallRun, temporaryFolder, type } from './command-line.js';
import { ServiceProcess } from './service-process.js';

let service: ServiceProcess;
// Before the folder goes, whose hook comes later.
afterAll(async () => {
  await service?.stop();
});
const folder = temporaryFolder();

type Page = Readonly<{ items: readonly Readonly<{ canonical: string }>[] }>;
type Recorded = Readonly<{ data: Readonly<Record<string, unknown>> }>;
type Verified = Readonly<{
  ok: boolean;
  erased: number;
  findings: readonly Readonly<{ kind: string; message: string }>[];
  verdicts: Readonly<{ erased: readonly Readonly<{ run: string; message: string }>[]; unjudged: readonly unknown[] }>;
}>;
const data = (): string => folder.path('data');
type Data = Recorded['data'];
const named = async (kind: string, field: string, is: (data: Data) => boolean = () => true) => {
  const { body } = await service.until<Page>(`/v1/log?type=${kind}`, (answer) => answer.body.items.length > 0);
  const said = body.items.map(({ canonical }) => (JSON.parse(canonical) as Recorded).data);
  return said.filter(is).map((one) => String(one[field]));
};
const fileOf = (sha: string): string => join(dataFolder(data()).artifacts, sha.slice(0, 2), sha);
const verify = async (): Promise<Verified & { code: number | null }> => {
  const { code, stdout } = await type(['verify', '--json', '--data', data()]);
  return { code, ...(JSON.parse(stdout) as Verified) };
};

let text = '';
let [results, other] = ['', ''];

test('is refused to all but the owner, while a run goes on, and of what no record names', async () => {
  service = await ServiceProcess.start(data(), '--log-level', 'silent');
  await service.post('/v1/runs', smallRun({ cycles: 1 }));
  [text = ''] = await named('CorpusRegistered', 'text');
  const token = await service.secret();
  const erase = (sha: string, body: unknown = { reason: 'the author wants it back' }, asked = { token }) =>
    service.post<{ detail: string }>(`/v1/artifacts/${sha}/erasure`, body, asked);
  expect((await service.post(`/v1/artifacts/${text}/erasure`, { reason: 'mine' })).status).toBe(403);
  expect(await erase(text)).toMatchObject({
    status: 409,
    body: { detail: expect.stringMatching(/run small is not completed and needs .*CorpusRegistered/) },
  });
  expect(await erase('0'.repeat(64))).toMatchObject({ status: 404 });
  expect(await erase('nothing')).toMatchObject({ status: 400 });
  expect(await erase(text, {})).toMatchObject({ status: 422, body: { field: 'reason' } });
  const stray = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
  await service.ask('PUT', `/v1/artifacts/${stray}`, { body: new TextEncoder().encode('abc') });
  expect(await erase(stray)).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining('no record names') },
  });
  await service.until<{ status: string }>('/v1/runs/small', ({ body }) => body?.status === 'completed');
  expect((await service.get(`/v1/artifacts/${text}`)).status).toBe(200);
  [results = ''] = await named('ProbesRecorded', 'results', ({ cycle, role }) => cycle === 1 && role === 'gate');
  [other = ''] = await named('CalibrationMeasured', 'results');
}, 120_000);

test('once the run is completed ends the bytes, and whoever asks is told why', async () => {
  const erased = await type(['artifact', 'erase', text, '--reason', 'the author wants it back', '--data', data()]);
  expect(erased).toMatchObject({ code: 0, stdout: expect.stringContaining('gone for good') });
  const { status, body, headers } = await service.get<{ type: string; detail: string }>(`/v1/artifacts/${text}`);
  expect({ status, type: headers.get('content-type') }).toMatchObject({
    status: 410,
    type: expect.stringContaining('application/problem+json'),
  });
  expect(body.type).toContain('artifact-erased');
  expect(body.detail).toMatch(/was erased: the author wants it back \(by /);
  await expect(readFile(fileOf(text))).rejects.toThrow('ENOENT');
  const again = await service.ask('PUT', `/v1/artifacts/${text}`, { body: new TextEncoder().encode('abc') });
  expect(again.status).toBe(410);
  // Asked again it stays as it was decided.
  const token = await service.secret();
  const twice = await service.post(`/v1/artifacts/${text}/erasure`, { reason: 'another' }, { token });
  expect(twice).toMatchObject({ status: 201, body: { reason: 'the author wants it back' } });
  expect(await named('ArtifactErased', 'artifact')).toEqual([text]);
  const evidence = await service.post(`/v1/artifacts/${results}/erasure`, { reason: 'names in it' }, { token });
  expect(evidence.status).toBe(201);
});

test('is told by verify, by a replay and by the judge, and the log stands', async () => {
  const verdict = await service.get('/v1/runs/small/cycles/1/verdict');
  expect(verdict.text).toMatch(/erased/);
  expect(await service.stop()).toBe(0);
  const found = await verify();
  expect(found).toMatchObject({ code: 0, ok: true, erased: 2, findings: [] });
  expect(found.verdicts.unjudged).toEqual([]);
  expect(found.verdicts.erased).toEqual([{ run: 'small', message: expect.stringContaining('was erased') }]);
  const replay = await type(['replay', 'small', '--data', data()]);
  expect(replay).toMatchObject({ code: 2, stderr: expect.stringContaining('was erased: the author wants it back') });
}, 60_000);

test('is left out of an export, which says so and stands', async () => {
  const to = folder.path('export');
  const made = await type(['export', '--to', to, '--artifacts', 'all', '--data', data()]);
  expect({ ...made }).toMatchObject({ code: 0 });
  const checked = spawnSync(process.execPath, [join(to, 'verify.mjs')], { encoding: 'utf8' });
  expect({ code: checked.status, said: checked.stderr }).toMatchObject({ code: 0 });
  expect(checked.stdout).toMatch(new RegExp(`erased +${text.slice(0, 12)}: the author wants it back \\(by .*\\)\n`));
  expect(checked.stdout).toContain(`${results.slice(0, 12)}: names in it`);
}, 60_000);

test('goes along with an export of the run that named it, out of a log that says more', async () => {
  const to = folder.path('of-run');
  const made = await type(['export', '--to', to, '--run', 'small', '--artifacts', 'all', '--data', data()]);
  expect({ ...made }).toMatchObject({ code: 0 });
  const checked = spawnSync(process.execPath, [join(to, 'verify.mjs')], { encoding: 'utf8' });
  expect({ code: checked.status, said: checked.stderr }).toMatchObject({ code: 0 });
  expect(checked.stdout).toContain(`${text.slice(0, 12)}: the author wants it back`);
  const streams = (await readFile(join(to, 'records.jsonl'), 'utf8')).split('\n').filter(Boolean);
  const ofAudit = streams.map((line) => JSON.parse(line) as Recorded & { stream: string; type: string });
  expect(ofAudit.filter(({ stream }) => stream.startsWith('audit')).map((one) => one.type)).toEqual([
    'ArtifactErased',
    'ArtifactErased',
  ]);
}, 60_000);

test('that a crash cut short is finished by the next who writes', async () => {
  const [tombstone, why] = [`${fileOf(text)}.erased`, await readFile(`${fileOf(text)}.erased`)];
  await rm(tombstone);
  await writeFile(fileOf(text), 'left over');
  expect((await type(['token', 'create', '--name', 'vera', '--role', 'viewer', '--data', data()])).code).toBe(0);
  await expect(readFile(fileOf(text))).rejects.toThrow('ENOENT');
  expect(await readFile(tombstone)).toEqual(why);
});

test('without a decision in the log is none', async () => {
  await rm(fileOf(other));
  await writeFile(`${fileOf(other)}.erased`, 'it was in the way (by nobody)\n');
  const found = await verify();
  expect(found).toMatchObject({ code: 1, erased: 2, findings: [{ kind: 'artifact missing' }] });
  expect(found.findings[0]?.message).toContain('it was in the way');
}, 60_000);
