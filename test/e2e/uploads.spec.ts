import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { readCorpus } from '#corpus/read-corpus.js';
import { loadNative } from '#trainer/native.js';
import { smallRun, temporaryFolder } from './command-line.js';
import { ServiceProcess, type Answer } from './service-process.js';

let service: ServiceProcess;
// Before the folder goes, whose hook comes later.
afterAll(async () => {
  await service?.stop();
});
const folder = temporaryFolder();
let lines = '';

const NDJSON = { 'content-type': 'application/x-ndjson' };
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const put = (path: string, body: string, headers = NDJSON): Promise<Answer<{ detail: string; field?: string }>> =>
  service.ask('PUT', path, { body, headers });

beforeAll(async () => {
  await mkdir(folder.path('texts', 'more'), { recursive: true });
  const files = { 'one.md': 'README.md', 'more/two.md': 'docs/architecture.md', 'more/three.md': 'docs/numerics.md' };
  for (const [name, from] of Object.entries(files)) {
    const text = await readFile(from, 'utf8');
    await writeFile(folder.path('texts', name), text);
    lines += `${JSON.stringify({ name, text })}\n`;
  }
  service = await ServiceProcess.start(folder.path('data'), '--log-level', 'silent');
});

test('text that is sent is the corpus that the folder would be, and the same again is the same', async () => {
  const { cut } = await readCorpus('mine', folder.path('texts'));
  const first = await put('/v1/corpora/mine?source=texts&licence=CC0-1.0', lines);
  expect(first.status).toBe(200);
  expect(first.body).toMatchObject({
    corpus: 'mine',
    text: hashOf(cut.corpus.text),
    documents: cut.corpus.documents.length,
    licence: 'CC0-1.0',
    source: 'texts',
  });
  const again = await put('/v1/corpora/mine', lines, { ...NDJSON, 'idempotency-key': 'k1' } as typeof NDJSON);
  expect(again.status).toBe(200);
  const { body } = await service.get<{ items: unknown[] }>('/v1/log?stream=corpus-mine');
  expect(body.items).toHaveLength(1);
});

test('other text under the same name, other shapes and other media types are refused with the reason', async () => {
  const other = await put('/v1/corpora/mine', `${JSON.stringify({ name: 'x', text: 'x '.repeat(500) })}\n`);
  expect(other).toMatchObject({ status: 409, body: { detail: expect.stringMatching(/registered with other bytes/) } });
  const malformed = await put('/v1/corpora/other', `${lines}{"name":1}\n`);
  expect(malformed).toMatchObject({ status: 422, body: { field: 'line 4' } });
  expect(await put('/v1/corpora/other', '')).toMatchObject({ status: 422, body: { field: 'body' } });
  const plain = await put('/v1/corpora/other', lines, { 'content-type': 'application/octet-stream' });
  expect(plain).toMatchObject({ status: 415, body: { detail: expect.stringMatching(/x-ndjson/) } });
});

test('a run file that names files of the service is refused, whoever sends it', async () => {
  const token = await service.secret();
  for (const [changes, field] of [
    [{ corpora: { mine: { path: folder.path('texts') } }, general: 'mine' }, 'corpora.mine.path'],
    [{ base: { checkpoint: folder.path('texts') } }, 'base.checkpoint'],
  ] as const) {
    const answer = await service.post('/v1/runs', smallRun(changes), { token });
    expect(answer).toMatchObject({ status: 422, body: { field, detail: expect.stringMatching(/reads no files/) } });
  }
});

test('bytes are kept under their own hash only; what is no checkpoint begins no run', async () => {
  const bytes = await readFile(folder.path('texts', 'one.md'));
  const sha = hashOf(bytes);
  const body = new Uint8Array(bytes);
  expect((await service.ask('PUT', `/v1/artifacts/${'0'.repeat(64)}`, { body })).status).toBe(422);
  expect((await service.ask('PUT', `/v1/artifacts/${sha}`, { body })).status).toBe(204);
  expect((await service.get(`/v1/artifacts/${sha}`)).text).toBe(bytes.toString());
  const run = (checkpoint: string) => service.post('/v1/runs', smallRun({ base: { checkpoint } }));
  expect(await run(sha)).toMatchObject({
    status: 409,
    body: { detail: expect.stringMatching(/^base.*cannot be used/) },
  });
  const sizes = { dModel: 32, dState: 16, headDim: 16, expand: 2, convWidth: 4, chunk: 64, vocab: 256 };
  const hybrid = loadNative().initialise({ ...sizes, layers: 2, attention: [0] }, 1n);
  await service.ask('PUT', `/v1/artifacts/${hashOf(hybrid)}`, { body: new Uint8Array(hybrid) });
  expect(await run(hashOf(hybrid))).toMatchObject({
    status: 409,
    body: { detail: expect.stringMatching(/^base.*has attention layers; the model of a run is pure Mamba-2/) },
  });
  expect(await run('f'.repeat(64))).toMatchObject({
    status: 409,
    body: { detail: expect.stringMatching(/no artifact f+; send its bytes/) },
  });
});
