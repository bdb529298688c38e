import { jest } from '@jest/globals';
import { createHash } from 'node:crypto';
import { smallRun, temporaryFolder, type, writeRunFile } from './command-line.js';
import { ServiceProcess } from './service-process.js';

let service: ServiceProcess;
// Stopped before its folder goes.
afterAll(() => service?.stop());
const folder = temporaryFolder();
jest.setTimeout(240_000);

type Line = Readonly<{ position: number; type: string; leafHash: string; canonical: string }>;
type Data = Readonly<Record<string, unknown>>;

beforeAll(async () => {
  service = await ServiceProcess.start(folder.path('data'));
});

const lines = async (query: string): Promise<readonly Line[]> =>
  (await service.get(`/v1/log?format=ndjson&${query}`)).text
    .trim()
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);
const dataOf = ({ canonical }: Line): Data => (JSON.parse(canonical) as { data: Data }).data;

const completed = async (run: string): Promise<void> => {
  while ((await lines(`stream=run-${run}&type=RunCompleted`)).length === 0)
    await new Promise((resolve) => setTimeout(resolve, 100));
};

test('a run that is started goes on by itself; its events come as they are written, with what is under way', async () => {
  const events = await fetch(new URL('/v1/events', service.url));
  const key = { headers: { 'idempotency-key': 'the-first' } };
  const started = await service.post<{ run: string; status: string; sight: string }>('/v1/runs', smallRun(), key);
  expect(started.status).toBe(201);
  expect(started.headers.get('location')).toBe('/v1/runs/small');
  expect(started.body).toMatchObject({ run: 'small', status: 'running', sight: expect.stringContaining('gate') });
  let heard = '';
  for await (const chunk of events.body ?? []) {
    heard += Buffer.from(chunk as Uint8Array).toString('utf8');
    if (heard.includes('"RunCompleted"')) break;
  }
  for (const word of ['"RunStarted"', '"VerdictReached"', 'event: progress', '"what":"training"'])
    expect(heard).toContain(word);
  const ids = [...heard.matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
  expect(ids).toEqual(ids.map((_, at) => (ids[0] ?? 0) + at));

  // Whoever was cut off goes on where they were.
  const again = await fetch(new URL('/v1/events', service.url), { headers: { 'last-event-id': String(ids[2]) } });
  let next = '';
  for await (const chunk of again.body ?? []) {
    next += Buffer.from(chunk as Uint8Array).toString('utf8');
    if (/^id: /m.test(next)) break;
  }
  expect(/^id: (\d+)$/m.exec(next)?.[1]).toBe(String(ids[3]));
});

test('the same command again under its key is answered again and carried out once', async () => {
  const key = { headers: { 'idempotency-key': 'the-first' } };
  const before = await service.get<{ size: number }>('/v1/log/head');
  const again = await service.post<{ run: string }>('/v1/runs', smallRun(), key);
  expect({ status: again.status, run: again.body.run }).toEqual({ status: 201, run: 'small' });
  expect((await service.get('/v1/log/head')).body).toEqual(before.body);
  const other = await service.post<{ type: string }>('/v1/runs', smallRun({ run: 'other' }), key);
  expect({ status: other.status, type: other.body.type }).toEqual({
    status: 422,
    type: expect.stringContaining('key-reused'),
  });
  expect((await service.post('/v1/runs', smallRun())).status).toBe(409);
  const both = { headers: { 'idempotency-key': 'two-at-once' } };
  const file = smallRun({ run: 'twin', cycles: 1 });
  const answers = await Promise.all([service.post('/v1/runs', file, both), service.post('/v1/runs', file, both)]);
  expect(answers.map(({ status }) => status)).toEqual([201, 201]);
  expect(await lines('type=RunStarted&stream=run-twin')).toHaveLength(1);
  await completed('twin');
});

test('a record is what its hashes say, and the head is what `verify` finds', async () => {
  const all = await lines('from=1');
  for (const { canonical, leafHash } of all) {
    const leaf = createHash('sha256').update(Buffer.of(0)).update(canonical).digest('hex');
    expect(leaf).toBe(leafHash);
  }
  const { body } = await service.get<{ size: number; root: string }>('/v1/log/head');
  expect(body.size).toBe(all.length);
  const head = ['--expect-size', String(body.size), '--expect-root', body.root];
  const verified = await type(['verify', '--data', folder.path('data'), ...head]);
  expect({ code: verified.code, stderr: verified.stderr }).toEqual({ code: 0, stderr: '' });
  const one = await service.get<Line>(`/v1/log/${all[4]?.position}`);
  expect(one.body).toEqual(all[4]);
  const csv = await service.get('/v1/log?format=csv&type=RunStarted');
  expect(csv.text.split('\r\n')[0]).toMatch(/^position,stream,revision,type,/);
});

test('pages follow one another to the end, whatever is written meanwhile', async () => {
  const found: number[] = [];
  let path: string | null = '/v1/log?limit=17&direction=backward';
  while (path !== null) {
    const page: { items: Line[]; nextCursor: string | null } = (
      await service.get<{ items: Line[]; nextCursor: string | null }>(path)
    ).body;
    found.push(...page.items.map(({ position }) => position));
    path = page.nextCursor === null ? null : `/v1/log?limit=17&direction=backward&cursor=${page.nextCursor}`;
  }
  expect(found).toEqual(Array.from({ length: found[0] ?? 0 }, (_, at) => (found[0] ?? 0) - at));
});

test('artifacts: weights for who looks on, what candidates are judged by only for auditors after the run', async () => {
  const secret = await service.secret();
  const issue = async (name: string, role: string): Promise<string> =>
    (await service.post<{ secret: string }>('/v1/tokens', { name, roles: [role] }, { token: secret })).body.secret;
  const [viewer, auditor] = [await issue('vera', 'viewer'), await issue('aldo', 'auditor')];
  const [gate] = (await lines('type=ProbeSuiteSealed&stream=suite-small-gate')).map(dataOf);
  const [scout] = (await lines('type=ProbeSuiteSealed&stream=suite-small-scout')).map(dataOf);
  const [anchor] = (await lines('type=AnchorEstablished&stream=run-small')).map(dataOf);
  const results = (await lines('type=ProbesRecorded&stream=run-small')).map(dataOf);
  const of = (role: string): string => String(results.find((data) => data['role'] === role)?.['results']);

  const weights = await fetch(new URL(`/v1/artifacts/${anchor?.['checkpoint']}`, service.url));
  const bytes = Buffer.from(await weights.arrayBuffer());
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(anchor?.['checkpoint']);
  expect(weights.headers.get('etag')).toBe(`"${anchor?.['checkpoint']}"`);

  const status = async (sha: unknown, token: string): Promise<number> =>
    (await service.get(`/v1/artifacts/${sha}`, { token })).status;
  for (const open of [scout?.['itemsArtifact'], of('scout')]) expect(await status(open, viewer)).toBe(200);
  for (const sealed of [gate?.['itemsArtifact'], gate?.['unitsArtifact'], of('gate'), of('shadow'), of('report')]) {
    expect(await status(sealed, viewer)).toBe(403);
    expect(await status(sealed, auditor)).toBe(200);
  }
});

test('while a run is under way its seals hold for auditors too; it is halted, rolled back and resumed by command', async () => {
  await service.post('/v1/runs', smallRun({ run: 'long', cycles: 200 }));
  const promoted = async (): Promise<readonly Line[]> => lines('type=CandidatePromoted&stream=run-long');
  while ((await promoted()).length === 0) await new Promise((resolve) => setTimeout(resolve, 50));
  const [gate] = (await lines('type=ProbeSuiteSealed&stream=suite-long-gate')).map(dataOf);
  const sealed = await service.get<{ detail: string }>(`/v1/artifacts/${gate?.['itemsArtifact']}`);
  expect({ status: sealed.status, said: sealed.body.detail }).toEqual({
    status: 403,
    said: expect.stringMatching(/still in use.*still under way: long/),
  });
  const halted = await service.post('/v1/runs/long/halt', { reason: 'night' });
  expect(halted.body).toMatchObject({ run: 'long', status: 'halted' });
  expect((await service.post('/v1/runs/long/halt', { reason: 'night' })).status).toBe(409);
  const [anchor] = (await lines('type=AnchorEstablished&stream=run-long')).map(dataOf);
  const back = await service.post('/v1/runs/long/rollback', {
    to: anchor?.['checkpoint'],
    reason: 'back to the start',
  });
  expect(back).toMatchObject({
    status: 200,
    body: { verified: true, champion: anchor?.['checkpoint'], status: 'halted' },
  });
  const drill = await service.post('/v1/runs/long/drill', { reason: 'practice' });
  expect(drill).toMatchObject({ status: 409, body: { detail: expect.stringMatching(/is its anchor/) } });
  const resumed = await service.post('/v1/runs/long/resume', { reason: 'morning' });
  expect(resumed.body).toMatchObject({ status: 'running' });
  expect((await service.post('/v1/runs/long/halt', { reason: 'enough' })).status).toBe(200);
  const [event] = (await lines('type=RunHalted&stream=run-long')).map(dataOf);
  expect(event).toMatchObject({ reason: 'night', requester: expect.any(String) });
});

test('a terminal command about the folder goes through the service', async () => {
  const there = ['--data', folder.path('data')];
  await writeRunFile(folder.path('mine.json'), { run: 'mine', cycles: 1 });
  const run = await type(['run', 'start', folder.path('mine.json'), ...there]);
  expect({ code: run.code, stderr: run.stderr }).toEqual({ code: 0, stderr: '' });
  for (const words of ['Run mine', 'Cycle 1 of 1', 'completed']) expect(run.stdout).toContain(words);
  const halted = await type(['run', 'halt', 'mine', '--reason', 'x', ...there]);
  expect({ code: halted.code, said: halted.stderr }).toEqual({ code: 2, said: expect.stringContaining('completed') });
  const listed = await type(['run', 'list', '--json', ...there]);
  expect(JSON.parse(listed.stdout)).toContainEqual(expect.objectContaining({ run: 'mine', status: 'completed' }));
});
