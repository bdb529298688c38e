import { jest } from '@jest/globals';
import { smallRun, temporaryFolder } from './command-line.js';
import { ServiceProcess } from './service-process.js';

jest.setTimeout(240_000);
let service: ServiceProcess;
// Stopped before its folder goes.
afterAll(() => service?.stop());
const folder = temporaryFolder();

beforeAll(async () => {
  service = await ServiceProcess.start(folder.path('data'), '--host', '0.0.0.0');
});

test('the page comes without a token, under a policy that lets nothing in from elsewhere', async () => {
  const { status, headers, text } = await service.get('/');
  expect(status).toBe(200);
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self';/);
  expect(headers.get('content-security-policy')).not.toMatch(/unsafe|https?:/);
  expect(headers.get('cache-control')).toBe('no-cache');
  const assets = [...text.matchAll(/(?:src|href)="\.(\/assets\/[^"]+)"/g)].map(([, path]) => path ?? '');
  expect(assets.length).toBeGreaterThan(2);
  for (const path of assets) {
    const asset = await service.get(path);
    expect({ path, status: asset.status }).toEqual({ path, status: 200 });
    expect(asset.headers.get('cache-control')).toContain('immutable');
  }
  expect(text).not.toMatch(/(?:src|href)="(?!\.\/assets\/)/);
});

test('nothing but the assets is served beside it', async () => {
  for (const path of ['/assets/none.js', '/assets/..%2f..%2fpackage.json', '/assets/%2e%2e%2findex.html'])
    expect([403, 404]).toContain((await service.get(path)).status);
});

test('the evidence of a verdict is for auditors, and under seal until the run is completed', async () => {
  const token = await service.secret();
  const evidence = '/v1/runs/small/cycles/1/evidence';
  const viewer = await service.post<{ secret: string }>('/v1/tokens', { name: 'eva', roles: ['viewer'] }, { token });
  expect((await service.get('/v1/runs/none/cycles/1/evidence', { token })).status).toBe(404);

  await service.post('/v1/runs', smallRun({ cycles: 200 }), { token });
  await service.until('/v1/runs/small/cycles/1/verdict', ({ status }) => status === 200, { token });
  const early = await service.get<{ type: string; detail: string }>(evidence, { token });
  expect(early.status).toBe(403);
  expect(early.body).toMatchObject({
    type: expect.stringMatching(/:sealed$/),
    detail: expect.stringContaining('small'),
  });
  expect((await service.get('/v1/runs/small/cycles/0/evidence', { token })).status).toBe(404);
  expect((await service.get(evidence, { token: viewer.body.secret })).status).toBe(403);
});
