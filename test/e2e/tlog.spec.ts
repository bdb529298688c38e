import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openCheckpoint } from '#ledger/checkpoint.js';
import { leafHash, merkleRoot } from '#ledger/merkle.js';
import { parseVerifier } from '#ledger/note.js';
import { verifyConsistency, verifyInclusion } from '#ledger/proof.js';
import { decodeEntries, tilePath } from '#ledger/tile.js';
import { smallRun, temporaryFolder, type } from './command-line.js';
import { ServiceProcess } from './service-process.js';

let service: ServiceProcess;
// Before the folder goes, whose hook comes later.
afterAll(async () => {
  await service?.stop();
});
const folder = temporaryFolder();

const bytes = async (path: string): Promise<Uint8Array> => {
  const response = await fetch(new URL(path, service.url));
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return new Uint8Array(await response.arrayBuffer());
};

const hex = (root: Uint8Array): string => Buffer.from(root).toString('hex');

beforeAll(async () => {
  service = await ServiceProcess.start(folder.path('data'), '--log-level', 'silent');
  await service.post('/v1/runs', smallRun({ cycles: 1 }));
  await service.until<{ status: string }>('/v1/runs/small', ({ body }) => body?.status === 'completed');
}, 120_000);

test('the log of a service can be checked by its checkpoint and its tiles alone', async () => {
  const { body: head } = await service.get<{ size: number; root: string }>('/v1/log/head');
  const signed = await service.until('/log/checkpoint', ({ status, text }) => {
    return status === 200 && text.split('\n')[1] === String(head.size);
  });
  expect(signed.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  const key = parseVerifier(await readFile(join(service.data, 'tlog', 'key.pub'), 'utf8'));
  expect(parseVerifier((await service.get('/log/key.pub')).text)).toEqual(key);
  const { size, root } = openCheckpoint(signed.text, [key]).checkpoint;
  expect({ size, root: hex(root) }).toEqual({ size: head.size, root: head.root });
  expect(size).toBeLessThan(256);
  const entries = decodeEntries(await bytes(`/log/${tilePath({ level: 'entries', index: 0, width: size })}`));
  expect(hex(merkleRoot(entries.map(leafHash)))).toBe(head.root);
  const leaves = await bytes(`/log/${tilePath({ level: 0, index: 0, width: size })}`);
  expect(Buffer.compare(leaves, Buffer.concat(entries.map(leafHash)))).toBe(0);
}, 60_000);

test('what is no tile is not there, and the key least of all', async () => {
  for (const path of ['tile/0/001', 'tile/0/1', 'tile/..%2f..%2fnotary%2fkey', 'tile/../../notary/key', 'place'])
    expect((await service.get(`/log/${path}`)).status).toBe(404);
  const secret = await readFile(join(service.data, 'notary', 'key'), 'utf8');
  const seed = secret.trim().split('+').at(-1) ?? '';
  for (const path of ['/log/checkpoint', '/readyz', '/metrics', '/openapi.json'])
    expect((await service.get(path)).text).not.toContain(seed);
});

test('a proof is written and checked from the terminal, by the address of the service', async () => {
  const to = folder.path('proof');
  const { body } = await service.get<{ items: { position: number }[] }>('/v1/log?type=VerdictReached');
  const position = body.items[0]?.position ?? 0;
  expect(await type(['log', 'prove', String(position), '--to', to, '--url', service.url])).toMatchObject({ code: 0 });
  const key = join(service.data, 'tlog', 'key.pub');
  const checked = ['log', 'check', `${to}.tlog-proof`];
  const { code, stdout } = await type([...checked, `${to}.json`, '--key', key]);
  expect({ code, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/of the \d+ that prometheus-ledger/),
  });
  const { code: wrong, stdout: said } = await type([...checked, key, '--key', key]);
  expect({ wrong, said }).toMatchObject({ wrong: 1, said: expect.stringContaining('NOT proved') });
  const foreign = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW';
  expect((await type([...checked, `${to}.json`, '--key', foreign])).stdout).toMatch(/the key is of\s+"PeterNeumann"/);
  expect((await type([...checked, `${to}.json`, '--key', 'nonsense'])).code).toBe(2);
  const beyond = await type(['log', 'prove', '100000', '--url', service.url]);
  expect({ code: beyond.code, said: beyond.stderr }).toMatchObject({
    code: 2,
    said: expect.stringMatching(/100000: the log has \d+ records; name one from 1 to/),
  });
}, 60_000);

type Tree = Readonly<{ size: number; root: string }>;
type Consistency = Readonly<{ from: Tree; to: Tree; path: readonly string[]; checkpoint: string }>;
type Inclusion = Readonly<{ index: number; leaf: string; to: Tree; path: readonly string[] }>;
const bytesOf = (tree: Tree) => ({ size: tree.size, root: Buffer.from(tree.root, 'hex') });
const hashes = (path: readonly string[]): readonly Buffer[] => path.map((hash) => Buffer.from(hash, 'hex'));

test('whoever kept a size and a root asks for the proof that the log still begins so', async () => {
  const { body: proof } = await service.get<Consistency>('/v1/log/consistency?from=3&to=11');
  verifyConsistency(bytesOf(proof.from), bytesOf(proof.to), hashes(proof.path));
  const { body: page } = await service.get<{ items: { leafHash: string }[] }>('/v1/log?limit=11');
  const leaves = hashes(page.items.map(({ leafHash: leaf }) => leaf));
  expect([proof.from.root, proof.to.root]).toEqual([hex(merkleRoot(leaves.slice(0, 3))), hex(merkleRoot(leaves))]);
  const { body: all } = await service.get<Consistency>('/v1/log/consistency?from=3');
  expect(all.to.size).toBe(Number(all.checkpoint.split('\n')[1]));
  const { body: included } = await service.get<Inclusion>('/v1/log/inclusion?index=4&size=11');
  expect(included.leaf).toBe(hex(leaves[4] as Uint8Array));
  verifyInclusion(
    { index: 4, size: 11 },
    leaves[4] as Uint8Array,
    hashes(included.path),
    Buffer.from(proof.to.root, 'hex'),
  );
  const { code, stdout } = await type(['log', 'consistency', '3', '11', '--json', '--url', service.url]);
  expect({ code, said: JSON.parse(stdout) as Consistency }).toMatchObject({ code: 0, said: { path: proof.path } });
});

test.each([
  ['consistency?from=0', 400, 'from'],
  ['consistency?from=nine', 400, 'from'],
  ['consistency', 400, 'from'],
  ['consistency?from=5&to=4', 400, 'from'],
  ['inclusion?index=4&size=4', 400, 'index'],
  ['consistency?from=1&to=1000000', 404, undefined],
  ['inclusion?index=1000000', 404, undefined],
])('%s is refused with %i', async (question, status, field) => {
  const { body, headers } = await service.get<{ field?: string; detail: string }>(`/v1/log/${question}`);
  expect(headers.get('content-type')).toContain('application/problem+json');
  expect(body).toMatchObject({ status, ...(field !== undefined && { field }) });
  if (status === 404) expect(body.detail).toContain('is not signed');
});

test('sizes that cannot be compared are refused on the terminal', async () => {
  const wrong = await type(['log', 'consistency', '9', '4', '--url', service.url]);
  expect({ code: wrong.code, said: wrong.stderr }).toMatchObject({ code: 2, said: expect.stringContaining('9 4') });
  expect((await type(['log', 'consistency', '1', '1000000', '--url', service.url])).stderr).toContain('is not signed');
});

test('a folder without a log is named', async () => {
  const nowhere = folder.path('nowhere');
  const { code, stderr } = await type(['log', 'checkpoint', '--data', nowhere]);
  expect({ code, stderr }).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(`${nowhere}: nothing of this log`),
  });
});
