import { jest } from '@jest/globals';
import { temporaryFolder, type } from './command-line.js';
import { ServiceProcess } from './service-process.js';

let service: ServiceProcess;
// Stopped before its folder goes.
afterAll(() => service?.stop());
const folder = temporaryFolder();
jest.setTimeout(120_000);

type Issued = Readonly<{ token: string; name: string; secret: string; expiresAt: string; roles: string[] }>;

const data = (): string => folder.path('data');
const token = async <T = Issued>(...words: readonly string[]): Promise<T> => {
  const { code, stdout, stderr } = await type(['token', ...words, '--data', data(), '--json']);
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as T;
};

let early: Issued;
beforeAll(async () => {
  // Before any service runs, the folder's log is written directly.
  early = await token('create', '--name', 'early', '--role', 'viewer', '--expires', '2h');
  service = await ServiceProcess.start(data(), '--host', '0.0.0.0');
});

test('beyond loopback every route but the probes asks for a token', async () => {
  for (const path of ['/livez', '/readyz']) expect((await service.get(path)).status).toBe(200);
  for (const path of ['/version', '/metrics', '/v1/log', '/openapi.json', '/docs', '/graphql', '/nowhere']) {
    const { status, headers } = await service.get(path);
    expect({ path, status }).toEqual({ path, status: 401 });
    expect(headers.get('www-authenticate')).toContain('Bearer');
  }
  expect((await service.get('/v1/log', { token: early.secret })).status).toBe(200);
});

test('a token made while the service runs opens what its roles allow, until it is revoked', async () => {
  const { secret, roles } = await token('create', '--name', 'olga', '--role', 'operator');
  expect(roles).toEqual(['operator']);
  expect((await service.get('/v1/log', { token: secret })).status).toBe(200);
  expect((await service.post('/v1/runs/none/halt', { reason: 'x' }, { token: secret })).status).toBe(404);
  expect((await service.get('/v1/tokens', { token: secret })).status).toBe(403);
  const viewer = await service.post<{ detail: string }>('/v1/runs/none/halt', { reason: 'x' }, { token: early.secret });
  expect({ status: viewer.status, said: viewer.body.detail }).toEqual({
    status: 403,
    said: expect.stringMatching(/is for operator; "early" has the roles: viewer/),
  });
  await token('revoke', 'olga');
  const refused = await service.get<{ detail: string }>('/v1/log', { token: secret });
  expect({ status: refused.status, said: refused.body.detail }).toEqual({
    status: 401,
    said: expect.stringContaining('"olga" is revoked'),
  });
});

test('tokens are listed without their secrets, and the log holds none', async () => {
  const listed = await token<Record<string, unknown>[]>('list');
  expect(listed.map(({ name, state }) => [name, state])).toEqual([
    ['early', 'live'],
    ['olga', 'revoked'],
  ]);
  expect(JSON.stringify(listed)).not.toContain('pl_');
  const { text } = await service.get('/v1/log?format=ndjson', { token: early.secret });
  expect(text).toContain('TokenIssued');
  expect(text).not.toContain('pl_');
});

test('what a token is not: a second one of the same holder, a role there is not, one for ever', async () => {
  for (const [words, said] of [
    [['--name', 'early', '--role', 'viewer'], /"early" holds the token/],
    [['--name', 'x', '--role', 'king'], /One of viewer, operator, auditor, trainer/],
    [['--name', 'x', '--role', 'viewer', '--expires', '400d'], /at most 366d/],
    [['--name', 'Not A Name', '--role', 'viewer'], /1 to 63 of a-z/],
  ] as const) {
    const { code, stderr } = await type(['token', 'create', ...words, '--data', data()]);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(said) });
  }
});

test('who was turned away and who made privileged calls is in the log once the service has stopped', async () => {
  for (let time = 0; time < 30; time += 1) await service.get('/v1/log', { token: 'pl_guess' });
  await service.stop();
  service = await ServiceProcess.start(data(), '--host', '0.0.0.0');
  const { text } = await service.get('/v1/log?format=ndjson&stream=audit', { token: early.secret });
  const events = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse((JSON.parse(line) as { canonical: string }).canonical))
    .map(({ type: kind, data: facts }) => [kind, facts.identity, facts.count]);
  expect(events).toEqual(
    expect.arrayContaining([
      ['AccessDenied', 'nobody', expect.any(Number)],
      ['AccessDenied', 'early', 1],
      ['PrivilegedCallMade', 'olga', 1],
    ]),
  );
  expect(events.filter(([kind]) => kind === 'AccessDenied').length).toBeLessThan(8);
});
