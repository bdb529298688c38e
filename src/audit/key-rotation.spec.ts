import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint } from '#ledger/checkpoint.js';
import { Ledger } from '#ledger/ledger.js';
import { formatVerifier, parseVerifier } from '#ledger/note.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryLog } from '#store/memory-log.js';
import { RandomSecrets } from '#store/random-ids.js';
import { TileFolder } from '#store/tile-folder.js';
import type { Entry } from './domain/entry.js';
import { auditEvents } from './domain/events.js';
import type { Verification } from './domain/finding.js';
import { Notary } from './notary.js';
import { KeyUnusable, NotaryKey } from './notary-key.js';
import { publishedCheckpoint } from './proving.js';
import { RotateLogKey, RotateLogKeyHandler } from './rotate-log-key.js';
import { verifyLog, type VerifyOptions } from './verify-log.js';

const origin = { requester: 'ada' };
let folder = '';
let log: MemoryLog;
let tiles: TileFolder;
let key: NotaryKey;
const notary = (): Notary => new Notary(tiles, () => key.signer(), key);
const rotate = () =>
  new RotateLogKeyHandler(new Ledger(log, new CountedClock(), ids), notary(), key).execute(
    new RotateLogKey('a disk was stolen', origin),
  );
let ids: CountedIds;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rotation-'));
  log = new MemoryLog();
  ids = new CountedIds();
  tiles = new TileFolder(join(folder, 'tlog'));
  key = new NotaryKey(join(folder, 'keys', 'key'), new RandomSecrets());
});
afterEach(() => rm(folder, { recursive: true }));

const verify = (options: Partial<VerifyOptions> = {}): Promise<Verification> => {
  async function* entries(): AsyncGenerator<readonly Entry[]> {
    for await (const { position, bytes } of log.readAll()) yield [{ position, bytes, fits: () => true }];
  }
  return verifyLog(entries(), { events: auditEvents, notary: notary(), ...options });
};
const checkpoint = async (): Promise<string> => (await publishedCheckpoint(tiles)).text;
const seedOf = (text: string): string => text.trim().split('+').at(-1) ?? '';

it('another key is said by the log, signed for by the old one, and signs from there on', async () => {
  const old = (await key.signer()).verifier;
  const secret = seedOf(await readFile(join(folder, 'keys', 'key'), 'utf8'));
  const rotated = await rotate();
  const now = (await key.signer()).verifier;
  expect(rotated).toEqual({ origin: old.name, oldKey: formatVerifier(old), newKey: formatVerifier(now) });
  // Both sign the first checkpoint after it, so that whoever only knows the old key believes it once more.
  for (const known of [old, now]) openCheckpoint(await checkpoint(), [known]);
  expect(parseVerifier(await readFile(join(folder, 'tlog', 'key.pub'), 'utf8'))).toEqual(now);
  expect(await readdir(join(folder, 'keys'))).toEqual(['key']);
  expect((await stat(join(folder, 'keys', 'key'))).mode & 0o777).toBe(0o600);
  expect(await readFile(join(folder, 'keys', 'key'), 'utf8')).not.toContain(secret);
  await rotate();
  const later = await checkpoint();
  expect(() => openCheckpoint(later, [old])).toThrow(/not signed by its key/);
  expect(await verify({ key: old })).toMatchObject({ ok: true, events: 2, signed: 2 });
  expect(await verify({ key: (await key.signer()).verifier })).toMatchObject({ ok: true });
});

it('a rotation that a crash cut short goes on, wherever it came', async () => {
  const first = await key.signer();
  // Before the log said so: the key that was made is the one that is used.
  const made = await key.prepare();
  expect((await rotate()).newKey).toBe(formatVerifier(made.verifier));
  // After the checkpoint with both signatures, before the old key went.
  const kept = { ...(await key.prepare()).verifier };
  const own = await readFile(join(folder, 'keys', 'key'));
  await rotate();
  const taken = await readFile(join(folder, 'keys', 'key'));
  await writeFile(join(folder, 'keys', 'key.next'), taken, { mode: 0o600 });
  await writeFile(join(folder, 'keys', 'key'), own, { mode: 0o600 });
  await notary().advance(log);
  expect((await key.signer()).verifier).toEqual(kept);
  expect(await readdir(join(folder, 'keys'))).toEqual(['key']);
  expect(await verify({ key: first.verifier })).toMatchObject({ ok: true, events: 2 });
});

it('nothing is signed where the key that the log has is lost', async () => {
  await rotate();
  await rm(join(folder, 'tlog'), { recursive: true });
  await expect(notary().advance(log)).rejects.toThrow(/which is not here/);
});

it('a checkpoint by another key than the one in force is found, and so is a key from elsewhere that never was', async () => {
  const old = await readFile(join(folder, 'keys', 'key'), 'utf8').catch(() => '');
  expect(old).toBe('');
  const before = await key.signer();
  await rotate();
  const text = await checkpoint();
  const [body = ''] = text.split('\n\n');
  // The old key goes on signing, as if nothing had been said.
  const forged = `${body}\n\n${text.split('\n').at(-2)}\n`;
  openCheckpoint(forged, [before.verifier]);
  await writeFile(join(folder, 'tlog', 'checkpoint'), forged);
  await writeFile(join(folder, 'tlog', 'key.pub'), `${formatVerifier(before.verifier)}\n`);
  const found = await verify();
  expect(found.findings).toEqual([
    {
      kind: 'checkpoint invalid',
      position: null,
      message: expect.stringMatching(/over 1 records is signed by .* then$/),
    },
  ]);
  const stranger = parseVerifier('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
  const { findings } = await verify({ key: stranger });
  expect(findings.at(-1)?.message).toMatch(/^PeterNeumann.* never was the log's key$/);
});

it('a key that others may read signs nothing', async () => {
  await key.signer();
  const path = join(folder, 'keys', 'key');
  const text = await readFile(path, 'utf8');
  await rm(path);
  await writeFile(path, text, { mode: 0o644 });
  const refused = await key.signer().catch((error: Error) => error);
  expect(refused).toBeInstanceOf(KeyUnusable);
  expect(String(refused)).toContain('mode 644');
  expect(String(refused)).not.toContain(seedOf(text));
});
