import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { amendmentStatement } from '#constitution/domain/constitution.js';
import { constitutionInputSchema } from '#constitution/domain/document.js';
import { registrationStatement } from '#key/domain/signing.js';
import { ed25519 } from '#ledger/ed25519.js';
import { resetStatement } from '#run/domain/lineage.js';
import { person } from '../simulation/people.js';
import { smallRun, temporaryFolder, type } from './command-line.js';
import { ServiceProcess } from './service-process.js';

let service: ServiceProcess;
let secret: string;
// Before the folder goes, whose hook comes later.
afterAll(async () => {
  await service?.stop();
});
const folder = temporaryFolder();
const [ada, bob] = [person('ada'), person('bob')];
const published = ({ name, publicKey }: typeof ada) => ({ name, publicKey });

const plan = (kMax: number) => ({ name: 'lenient', alphaPlan: { alpha: 0.5, kMax } });
const reason = 'a longer study';
const amendment = (kMax: number) =>
  amendmentStatement(
    { versions: [constitutionInputSchema.parse(plan(4))] },
    { document: constitutionInputSchema.parse(plan(kMax)), reason },
    ed25519.digest,
  );
const amend = (body: object) => service.post<{ detail: string }>('/v1/constitutions/lenient/amendments', body);

type Shown = Readonly<{
  status: string;
  constitutionVersion: number;
  alphaLeft: number;
  champion: { checkpoint: string } | null;
}>;
const until = (run: string, is: (shown: Shown) => boolean) =>
  service.until<Shown>(`/v1/runs/${run}`, ({ status, body }) => status === 200 && is(body));

beforeAll(async () => {
  service = await ServiceProcess.start(folder.path('data'), '--log-level', 'silent');
  secret = await service.secret();
}, 60_000);

test('only the owner of the folder brings a key, and after the first one only with a signature', async () => {
  const body = published(ada);
  expect((await service.post('/v1/keys', body)).status).toBe(403);
  const token = await service.post<{ secret: string }>(
    '/v1/tokens',
    { name: 'olga', roles: ['operator'] },
    { token: secret },
  );
  expect((await service.post('/v1/keys', body, { token: token.body.secret })).status).toBe(403);
  expect(await service.post('/v1/keys', body, { token: secret })).toMatchObject({
    status: 201,
    body: { keyId: ada.keyId },
  });
  expect(await service.post('/v1/keys', published(bob), { token: secret })).toMatchObject({ status: 409 });
  const signatures = [ada.signs(registrationStatement(bob))];
  expect(await service.post('/v1/keys', { ...published(bob), signatures }, { token: secret })).toMatchObject({
    status: 201,
  });
  expect((await service.get<{ name: string }[]>('/v1/keys')).body.map(({ name }) => name)).toEqual(['ada', 'bob']);
});

test('the terminal brings a key to a service as its owner, and as nobody else', async () => {
  const file = folder.path('zoe.pem');
  await type(['key', 'create', '--name', 'zoe', '--out', file]);
  const statement = ['key', 'register', `${file}.pub`, '--print-statement'];
  const { stdout } = await type([...statement, '--data', service.data]);
  const signature = `bob:${bob.signs(JSON.parse(stdout) as Parameters<typeof bob.signs>[0]).signature}`;
  const register = ['key', 'register', `${file}.pub`, '--signature', signature];
  expect(await type([...register, '--url', service.url])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is for owner'),
  });
  expect((await type([...register, '--data', service.data])).code).toBe(0);
  const revoke = ['key', 'revoke', 'zoe', '--reason', 'not needed', '--data', service.data];
  expect((await type(revoke)).stdout).toContain('is revoked');
});

test('the schema of a constitution is the one in docs', async () => {
  const { body } = await service.get('/v1/constitutions/schema');
  expect(body).toEqual(JSON.parse(await readFile(join(process.cwd(), 'docs', 'constitution.schema.json'), 'utf8')));
});

test('an amendment needs signatures, and a run under way keeps the version it began with', async () => {
  expect(await service.post('/v1/constitutions', plan(4))).toMatchObject({ status: 201, body: { version: 1 } });
  await service.post('/v1/runs', smallRun({ cycles: 2 }));
  await until('small', ({ champion }) => champion !== null);
  await service.post('/v1/runs/small/halt', { reason: 'so that it is under way while the rules change' });
  const document = plan(8);
  const signatures = [bob.signs(amendment(8))];
  expect(await amend({ document, reason, signatures: [] })).toMatchObject({ status: 409 });
  expect(await amend({ document, reason: 'another', signatures })).toMatchObject({ status: 409 });
  expect(await amend({ document: { ...document, name: 'other' }, reason, signatures })).toMatchObject({ status: 422 });
  const broken = [{ name: 'bob', signature: 'AAAA' }];
  expect((await amend({ document, reason, signatures: broken })).body.detail).toMatch(
    /signatures\.0\.signature.*64 bytes/,
  );
  expect(await amend({ document, reason, signatures })).toMatchObject({
    status: 201,
    body: { version: 2, signers: ['bob'] },
  });
  await service.post('/v1/runs/small/resume', { reason: 'on' });
  await until('small', ({ status }) => status === 'completed');
  const { body } = await service.get<Shown>('/v1/runs/small');
  expect(body).toMatchObject({ constitutionVersion: 1, alphaLeft: 0.25 });
  const known = await service.get<{ versions: { signers: string[] }[] }>('/v1/constitutions/lenient');
  expect(known.body.versions.map(({ signers }) => signers)).toEqual([[], ['bob']]);
}, 120_000);

test('an anchor is reset with signatures, once, and its lineage tells of it', async () => {
  const { body: run } = await service.get<Shown>('/v1/runs/small');
  const anchor = run.champion?.checkpoint ?? '';
  const why = 'a new phase';
  const statement = resetStatement({ run: 'small', anchor, root: 'small', reason: why });
  const path = '/v1/runs/small/anchor-reset';
  expect(await service.post(path, { reason: why, signatures: [] })).toMatchObject({ status: 409 });
  expect(await service.post(path, { reason: why })).toMatchObject({ status: 422 });
  const asked = { reason: why, signatures: [ada.signs(statement)] };
  const headers = { 'idempotency-key': 'once' };
  const reset = { anchor, root: 'small', judged: 2, alphaSpent: 0.25, signers: ['ada'] };
  for (const _ of [1, 2])
    expect(await service.post(path, asked, { headers })).toMatchObject({ status: 200, body: reset });
  expect(await service.post(path, asked)).toMatchObject({ status: 409 });

  await service.post('/v1/runs', smallRun({ run: 'child', cycles: 1, parent: 'small', constitution: plan(8) }));
  await until('child', ({ status }) => status === 'completed');
  const told = { run: 'small', anchor, reason: why, signers: ['ada'] };
  expect((await service.get('/v1/lineages/small')).body).toMatchObject({
    resets: [told],
    openedBy: null,
    candidatesJudged: 2,
  });
  expect((await service.get('/v1/lineages/child')).body).toMatchObject({
    resets: [],
    openedBy: told,
    candidatesPlanned: 8,
    candidatesJudged: 1,
    alphaLeft: 0.5 - 0.5 / 8,
  });
  const query = '{ lineage(root: "child") { openedBy { run signers anchor } resets { run } } }';
  expect((await service.post('/graphql', { query })).body).toEqual({
    data: { lineage: { openedBy: { run: 'small', signers: ['ada'], anchor }, resets: [] } },
  });
  expect((await type(['verify', '--url', service.url])).code).toBe(0);
}, 120_000);

type Graph = Readonly<{ data: Record<string, unknown>; errors?: readonly { extensions: object }[] }>;
/** A mutation, with what is refused as the problem that REST would have answered. */
const mutate = async (query: string, variables: object, token?: string): Promise<unknown> => {
  const { body } = await service.post<Graph>('/graphql', { query, variables }, token === undefined ? {} : { token });
  return body.errors?.[0]?.extensions ?? body.data;
};

test('the graph brings and revokes keys for the owner, and for nobody else', async () => {
  const eva = person('eva');
  const register = 'mutation ($input: KeyRequest!) { registerKey(input: $input) { name keyId publicKey revoked } }';
  const input = published(eva);
  const signed = { ...input, signatures: [ada.signs(registrationStatement(eva))] };
  expect(await mutate(register, { input: signed })).toMatchObject({ status: 403 });
  expect(await mutate(register, { input }, secret)).toMatchObject({ status: 409 });
  expect(await mutate(register, { input: { ...input, publicKey: 'AAAA' } }, secret)).toMatchObject({
    status: 422,
    field: expect.stringContaining('publicKey'),
  });
  expect(await mutate(register, { input: signed }, secret)).toEqual({
    registerKey: { ...input, keyId: eva.keyId, revoked: false },
  });
  const revoke = 'mutation ($key: String!) { revokeKey(key: $key, input: { reason: "lost" }) { name keyId live } }';
  expect(await mutate(revoke, { key: 'eva' })).toMatchObject({ status: 403 });
  expect(await mutate(revoke, { key: eva.keyId }, secret)).toEqual({
    revokeKey: { name: 'eva', keyId: eva.keyId, live: 2 },
  });
});

test('the graph amends with signatures as REST does, and not for who only looks on', async () => {
  const change = amendmentStatement(
    { versions: [plan(4), plan(8)].map((each) => constitutionInputSchema.parse(each)) },
    { document: constitutionInputSchema.parse(plan(16)), reason },
    ed25519.digest,
  );
  const amending = `mutation ($document: ConstitutionDocument!, $signatures: [SignatureGiven!]!, $key: String) {
    amendConstitution(document: $document, input: { reason: "${reason}", signatures: $signatures }, idempotencyKey: $key) {
      constitution version signers changes { path before after }
    }
  }`;
  const given = { document: plan(16), signatures: [ada.signs(change)] };
  const viewer = await service.post<{ secret: string }>(
    '/v1/tokens',
    { name: 'vi', roles: ['viewer'] },
    { token: secret },
  );
  expect(await mutate(amending, given, viewer.body.secret)).toMatchObject({ status: 403 });
  expect(await mutate(amending, { ...given, signatures: [] })).toMatchObject({ status: 409 });
  const amended = {
    constitution: 'lenient',
    version: 3,
    signers: ['ada'],
    changes: [{ path: 'alphaPlan.kMax', before: '8', after: '16' }],
  };
  for (const _ of [1, 2])
    expect(await mutate(amending, { ...given, key: 'amended' })).toEqual({ amendConstitution: amended });
});

test('the graph resets an anchor with signatures as REST does', async () => {
  const { body: run } = await service.get<Shown>('/v1/runs/child');
  const anchor = run.champion?.checkpoint ?? '';
  const statement = resetStatement({ run: 'child', anchor, root: 'child', reason });
  const resetting = `mutation ($signatures: [SignatureGiven!]!) {
    resetAnchor(run: "child", input: { reason: "${reason}", signatures: $signatures }) { run anchor root judged signers }
  }`;
  expect(await mutate(resetting, { signatures: [] })).toMatchObject({ status: 409 });
  expect(await mutate(resetting, { signatures: [bob.signs(statement)] })).toEqual({
    resetAnchor: { run: 'child', anchor, root: 'child', judged: 1, signers: ['bob'] },
  });
  expect((await type(['verify', '--url', service.url])).code).toBe(0);
});
