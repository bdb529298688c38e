import { jest } from '@jest/globals';
import { existsSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { temporaryFolder, type } from './command-line.js';
import { ServiceProcess } from './service-process.js';

let service: ServiceProcess;
// Stopped before its folder goes.
afterAll(() => service?.stop());
const folder = temporaryFolder();
jest.setTimeout(120_000);

type Problem = Readonly<{
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  field?: string;
}>;

beforeAll(async () => {
  service = await ServiceProcess.start(folder.path('data'));
});

/** Everything that goes wrong looks alike. */
const problem = async (
  method: string,
  path: string,
  asked: Parameters<ServiceProcess['ask']>[2] = {},
): Promise<Problem> => {
  const { status, headers, body } = await service.ask<Problem>(method, path, asked);
  expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(body).toMatchObject({ status, instance: path.split('?')[0], title: expect.any(String) });
  expect(body.detail.length).toBeGreaterThan(5);
  return body;
};

/** Bytes as they are, and all that comes back until the connection ends. */
const raw = (bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(service.url);
    let text = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.on('data', (chunk) => (text += String(chunk)));
    socket.once('close', () => resolve(text));
    socket.once('error', reject);
  });

test('answers what it is, whether it is alive and whether every part is ready', async () => {
  expect((await service.get('/livez')).body).toEqual({ status: 'alive' });
  expect((await service.get('/version')).body).toMatchObject({ name: 'prometheus-ledger', node: process.version });
  const ready = await service.get<{ ready: boolean; parts: Record<string, { ready: boolean; detail: string }> }>(
    '/readyz',
  );
  expect(ready.status).toBe(200);
  expect(Object.keys(ready.body.parts)).toEqual(expect.arrayContaining(['service', 'log', 'disk', 'loop', 'trainer']));
  for (const { detail } of Object.values(ready.body.parts)) expect(detail).not.toBe('');
});

test('shows figures in the form of Prometheus', async () => {
  const { text, headers } = await service.get('/metrics');
  expect(headers.get('content-type')).toContain('text/plain');
  for (const name of ['ledger_log_records', 'ledger_runs{status="running"}', 'ledger_append_duration_seconds_count'])
    expect(text).toContain(`\n${name}`);
});

test('has an OpenAPI 3.1 contract and a page over it that asks nobody else', async () => {
  const { body } = await service.get<{ openapi: string; paths: Record<string, unknown> }>('/openapi.json');
  expect(body.openapi).toBe('3.1.0');
  expect(Object.keys(body.paths)).toEqual(
    expect.arrayContaining([
      '/livez',
      '/v1/log',
      '/v1/log/{position}',
      '/v1/artifacts/{sha}',
      '/v1/events',
      '/v1/runs',
      '/v1/tokens',
    ]),
  );
  const page = await service.get('/docs');
  expect(page.status).toBe(200);
  const loaded = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url]) => url ?? '');
  expect(loaded.length).toBeGreaterThan(3);
  for (const url of loaded) expect(url).toMatch(/^\.\//);
  for (const url of loaded) expect((await service.get(`/docs/${url.replace(/^\.\/(docs\/)?/, '')}`)).status).toBe(200);
});

test('every answer carries the headers that keep a page from being misused', async () => {
  for (const path of ['/livez', '/v1/log', '/docs', '/nowhere']) {
    const { headers } = await service.get(path);
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-powered-by')).toBeNull();
  }
});

test.each([
  ['an unknown route', 'GET', '/v1/nowhere', {}, 404, /Cannot GET/],
  ['an unknown method', 'PUT', '/v1/log', { body: {} }, 404, /Cannot PUT/],
  ['a page that is too long', 'GET', '/v1/log?limit=100000', {}, 400, /limit: 100000 is not allowed/],
  ['a page of nothing', 'GET', '/v1/log?limit=0', {}, 400, /limit: 0 is not allowed/],
  ['a limit that is none', 'GET', '/v1/log?limit=ten', {}, 400, /limit: "ten" is not allowed/],
  ['a wrong cursor', 'GET', '/v1/log?cursor=abc', {}, 400, /cursor: "abc" is no cursor/],
  ['an unknown field of a query', 'GET', '/v1/log?limt=3', {}, 400, /limt: .*no such field/],
  ['a field twice', 'GET', '/v1/log?limit=3&limit=4', {}, 400, /limit/],
  ['an injection', 'GET', "/v1/log?type=x'%20or%201=1--&direction=sideways", {}, 400, /direction/],
  ['a position to come', 'GET', '/v1/log?asOf=99999999', {}, 400, /asOf: 99999999 is not allowed/],
  ['a record that is not there', 'GET', '/v1/log/99999999', {}, 404, /the last one is at/],
  ['a position that is none', 'GET', '/v1/log/-1', {}, 400, /position/],
  ['an artifact that is not there', 'GET', `/v1/artifacts/${'ab'.repeat(32)}`, {}, 404, /artifact abab.* is not at/],
  ['an artifact without a name', 'GET', '/v1/artifacts/..%2f..%2fetc%2fpasswd', {}, 400, /64 lower-case hex digits/],
  [
    'a run that is not there',
    'POST',
    '/v1/runs/none/halt',
    { body: { reason: 'x' } },
    404,
    /run "none" does not exist/,
  ],
  ['malformed JSON', 'POST', '/v1/runs', { body: '{"run":' }, 400, /JSON/],
  ['no body', 'POST', '/v1/runs/a/halt', { headers: { 'content-type': 'application/json' } }, 400, /body/i],
  [
    'another media type',
    'POST',
    '/v1/runs',
    { body: 'run: a', headers: { 'content-type': 'text/yaml' } },
    415,
    /application\/json/,
  ],
  ['too large a body', 'POST', '/v1/runs', { body: JSON.stringify({ run: 'x'.repeat(2e6) }) }, 413, /1 MiB/],
  [
    'an unknown field of a body',
    'POST',
    '/v1/runs/a/halt',
    { body: { reason: 'x', why: 'y' } },
    422,
    /why: .*no such field/,
  ],
  ['an empty reason', 'POST', '/v1/runs/a/halt', { body: { reason: '' } }, 422, /reason: "" is not allowed/],
  ['a run file with a slip', 'POST', '/v1/runs', { body: { run: 'a', cycels: 3 } }, 422, /cycels: no such field/],
  [
    'a file of this machine',
    'POST',
    '/v1/runs',
    { body: { run: 'a', corpora: { b: { path: '/etc/passwd' } } } },
    422,
    /corpora\.b\.path/,
  ],
  ['a run file that is a list', 'POST', '/v1/runs', { body: [] }, 422, /must be an object/],
  [
    'a key that is none',
    'POST',
    '/v1/runs',
    { body: { run: 'a' }, headers: { 'idempotency-key': 'two words' } },
    400,
    /Idempotency-Key/,
  ],
  [
    'a rollback to nowhere',
    'POST',
    '/v1/runs/a/rollback',
    { body: { to: '2', reason: 'x' } },
    422,
    /64 lower-case hex/,
  ],
  ['an event id that is none', 'GET', '/v1/events', { headers: { 'last-event-id': 'x' } }, 400, /Last-Event-ID/],
  ['the owner’s routes without the owner’s secret', 'GET', '/v1/tokens', {}, 403, /is for owner/],
  ['a path that is no text', 'GET', '/v1/%zz', {}, 400, /%zz/],
] as const)('%s is refused with what to do', async (_what, method, path, asked, status, said) => {
  const found = await problem(method, path, asked);
  expect({ status: found.status, said: found.detail }).toEqual({ status, said: expect.stringMatching(said) });
});

test('what is no HTTP, too large a head and a client that never ends its head are answered and cut off', async () => {
  expect(await raw('HELLO\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 [^]*problem\+json[^]*no HTTP request/);
  expect(await raw(`GET / HTTP/1.1\r\nhost: localhost\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`)).toMatch(
    /^HTTP\/1\.1 431 /,
  );
  expect(await raw('GET /livez HTTP/1.1\r\nhost: localhost\r\n')).toMatch(/^HTTP\/1\.1 408 [^]*did not arrive/);
  expect((await service.get('/livez')).status).toBe(200);
});

test('clients that vanish half way leave it alive', async () => {
  const { hostname, port } = new URL(service.url);
  for (const bytes of [
    'POST /v1/runs HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"run',
    'GET /v1/events?after=0 HTTP/1.1\r\nhost: localhost\r\n\r\n',
    'GET /v1/log?format=ndjson HTTP/1.1\r\nhost: localhost\r\n\r\n',
  ])
    for (let time = 0; time < 20; time += 1)
      await new Promise<void>((resolve) => {
        const socket = connect(Number(port), hostname, () => socket.write(bytes, () => socket.resetAndDestroy()));
        socket.once('close', () => resolve());
        socket.once('error', () => undefined);
      });
  expect((await service.get('/livez')).status).toBe(200);
  expect(service.stderr).not.toContain('"level":50');
});

test('one caller gets so many answers a minute', async () => {
  const limited = await ServiceProcess.start(folder.path('limited'), '--rate-limit', '5');
  const statuses: number[] = [];
  for (let time = 0; time < 7; time += 1) statuses.push((await limited.get('/version')).status);
  const refused = await limited.get<Problem>('/version');
  await limited.stop();
  expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
  expect(refused.body).toMatchObject({ status: 429, detail: expect.stringContaining('at most 5 requests a minute') });
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
});

test('a second service and a writing command on the folder are refused with the address of the first', async () => {
  const path = folder.path('data');
  expect(statSync(`${path}/service.json`).mode & 0o777).toBe(0o600);
  const { code, stderr } = await type(['serve', '--port', '0', '--data', path]);
  expect(code).toBe(2);
  expect(stderr).toContain(`a service answers for it at ${service.url}`);
});

test('an address where nothing can be served is refused in a line', async () => {
  const { port } = new URL(service.url);
  for (const [words, said] of [
    [['--port', port], /--port \d+: another program listens there/],
    [['--host', '203.0.113.9', '--port', '0'], /this machine has no such address/],
  ] as const) {
    const { code, stderr } = await type(['serve', ...words, '--data', folder.path('elsewhere')]);
    expect({ code, lines: stderr.trim().split('\n').length }).toEqual({ code: 2, lines: 1 });
    expect(stderr).toMatch(said);
  }
});

test('stops when it is told to, ends what waits and says nothing secret', async () => {
  const own = await ServiceProcess.start(folder.path('own'), '--log-level', 'debug');
  const secret = await own.secret();
  await own.get('/v1/tokens', { token: secret });
  const events = await fetch(new URL('/v1/events', own.url));
  const reader = events.body?.getReader();
  await reader?.read();
  const ended = (async () => {
    while (!(await reader?.read())?.done);
    return 'ended';
  })();
  expect(await own.stop()).toBe(0);
  expect(await ended).toBe('ended');
  expect(existsSync(folder.path('own', 'service.json'))).toBe(false);
  expect(own.stderr).toContain('"path":"/v1/tokens"');
  expect(own.stderr).not.toContain(secret);
  for (const line of own.stderr.trim().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
});
