import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { openCheckpoint } from '#ledger/checkpoint.js';
import { event } from '#ledger/event.js';
import type { Log } from '#ledger/log.js';
import { leafHash, merkleRoot } from '#ledger/merkle.js';
import { ED25519, Signer } from '#ledger/note.js';
import { consistencyProof, verifyConsistency } from '#ledger/proof.js';
import { parseTlogProof, verifyTlogProof } from '#ledger/tlog-proof.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryLog } from '#store/memory-log.js';
import { RandomSecrets } from '#store/random-ids.js';
import { TileFolder } from '#store/tile-folder.js';
import type { Entry } from './domain/entry.js';
import { publishedEntries, publishedNodes } from './growing-tree.js';
import { NotSigned, proveEntry, publishedCheckpoint } from './proving.js';
import { CheckpointBroken, leavesOf, Notary } from './notary.js';
import { KeyUnusable, NotaryKey } from './notary-key.js';
import { verifyLog } from './verify-log.js';

const Told = event('Told', z.strictObject({ at: z.int() }));

const ids = new CountedIds();
const grow = async (log: Log, count: number): Promise<void> => {
  const events = Array.from({ length: count }, (_, at) => {
    const id = ids.next();
    const actor = { kind: 'service', id: 'test', build: 'test' } as const;
    const recordedAt = '2025-01-02T03:04:05.678Z';
    return { id, type: 'Told', version: 1, recordedAt, actor, causationId: id, correlationId: id, data: { at } };
  });
  if (count > 0) await log.append('run-a', 'any', events);
};

const entriesOf = async (log: Log): Promise<readonly Uint8Array[]> => {
  const entries: Uint8Array[] = [];
  for await (const { bytes } of log.readAll()) entries.push(bytes);
  return entries;
};

const rootOf = async (log: Log, size?: number): Promise<Uint8Array> =>
  merkleRoot((await entriesOf(log)).slice(0, size).map(leafHash));

const signer = new Signer('log.test/one', ED25519, Buffer.alloc(32, 1));

describe('a notary', () => {
  let folder = '';
  let log: MemoryLog;
  let tiles: TileFolder;
  let notary: Notary;
  const again = (): Notary => new Notary(tiles, async () => signer);

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'notary-'));
    log = new MemoryLog();
    tiles = new TileFolder(folder);
    notary = again();
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('signs nothing before the first time, then what the log has grown by, to the root of the definition', async () => {
    expect(await notary.read()).toBeUndefined();
    let before = 0;
    for (const count of [0, 3, 0, 1, 250, 2, 300, 256]) {
      await grow(log, count);
      const head = await notary.advance(log);
      const root = await rootOf(log);
      expect(head).toEqual({ size: log.head(), root: Buffer.from(root).toString('hex') });
      const published = await notary.read();
      expect([...leavesOf(published?.leaves ?? new Uint8Array())]).toHaveLength(head.size);
      const { checkpoint } = openCheckpoint((await publishedCheckpoint(tiles)).text, [signer.verifier]);
      expect(checkpoint.size).toBe(head.size);
      if (before > 0) {
        const path = await consistencyProof(publishedNodes(tiles, head.size), before, head.size);
        verifyConsistency({ size: before, root: await rootOf(log, before) }, { size: head.size, root }, path);
      }
      before = head.size;
      // As after a restart.
      notary = again();
    }
  });

  it('publishes every record, and a proof of each that holds by itself', async () => {
    await grow(log, 600);
    await notary.advance(log);
    const entries = await entriesOf(log);
    expect((await publishedEntries(tiles, 2, 88)).map((entry) => Buffer.from(entry))).toEqual(
      entries.slice(512).map((entry) => Buffer.from(entry)),
    );
    for (const index of [0, 255, 256, 599]) {
      const { entry, proof: text } = await proveEntry(tiles, index);
      const proof = parseTlogProof(text);
      expect(Buffer.compare(entry, entries[index] as Uint8Array)).toBe(0);
      verifyTlogProof(proof, entries[index] as Uint8Array, [signer.verifier]);
      expect(() => verifyTlogProof(proof, entries[index ^ 1] as Uint8Array, [signer.verifier])).toThrow(/another root/);
    }
    await expect(proveEntry(tiles, 600)).rejects.toThrow(NotSigned);
  });

  it('keeps no partial tile that a full one holds', async () => {
    for (let size = 0; size < 300; size += 50) {
      await grow(log, 50);
      await notary.advance(log);
    }
    expect((await readdir(join(folder, 'tile', '0'))).sort()).toEqual(['000', '001.p']);
    expect((await readdir(join(folder, 'tile', 'entries'))).sort()).toEqual(['000', '001.p']);
  });

  it('goes on where a crash came before the checkpoint, or before the place was noted', async () => {
    await grow(log, 200);
    await notary.advance(log);
    const kept = await readFile(join(folder, 'checkpoint'));
    await grow(log, 100);
    await notary.advance(log);
    await writeFile(join(folder, 'checkpoint'), kept);
    await grow(log, 1);
    expect((await again().advance(log)).root).toBe(Buffer.from(await rootOf(log)).toString('hex'));
    await rm(join(folder, 'place'));
    await grow(log, 1);
    expect((await again().advance(log)).size).toBe(302);
  });

  it('that signs while the log is read does not make the log seem cut', async () => {
    await grow(log, 4);
    async function* entries(): AsyncGenerator<readonly Entry[]> {
      const read: Entry[] = [];
      for await (const { position, bytes } of log.readAll()) read.push({ position, bytes, fits: () => true });
      await grow(log, 2);
      await notary.advance(log);
      yield read;
    }
    expect(await verifyLog(entries(), { events: [Told], notary })).toMatchObject({ ok: true, events: 4, findings: [] });
  });

  it('signs nothing more over a log that lost or changed what was signed, or over tiles that are not those', async () => {
    await grow(log, 40);
    await notary.advance(log);
    const shorter = new MemoryLog();
    await grow(shorter, 39);
    await expect(again().advance(shorter)).rejects.toThrow(/the last that was signed, is not the one at position 40/);
    const other = new MemoryLog();
    await grow(other, 50);
    await expect(again().advance(other)).rejects.toThrow(CheckpointBroken);
    const path = join(folder, 'tile', '0', '000.p', '40');
    const leaves = await readFile(path);
    leaves[0] = (leaves[0] ?? 0) ^ 1;
    await writeFile(path, leaves);
    await expect(again().advance(log)).rejects.toThrow(/the tiles have root/);
    await writeFile(path, leaves.subarray(1));
    await expect(again().read()).rejects.toThrow(CheckpointBroken);
  });

  it('signs nothing under a key that is not the one before', async () => {
    await grow(log, 4);
    await notary.advance(log);
    const foreign = new Notary(tiles, async () => new Signer('log.test/one', ED25519, Buffer.alloc(32, 2)));
    await grow(log, 4);
    await expect(foreign.advance(log)).rejects.toThrow(/not signed by its key/);
  });
});

describe("the log's key", () => {
  let folder = '';
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'key-'))));
  afterEach(() => rm(folder, { recursive: true }));
  const key = (): NotaryKey => new NotaryKey(join(folder, 'notary', 'key'), new RandomSecrets());

  it('is made once, for its owner alone, and is the same again', async () => {
    const first = await key().signer();
    expect((await stat(join(folder, 'notary', 'key'))).mode & 0o777).toBe(0o600);
    expect((await key().signer()).verifier).toEqual(first.verifier);
    expect(first.verifier.name).toMatch(/^prometheus-ledger\.local\/[a-z0-9]+$/);
  });

  it('is read whatever its bytes are: base64 has plus signs as well', async () => {
    const plus = Buffer.from('AQ+12345678+'.padEnd(44, '+'), 'base64').subarray(1);
    const secrets = { next: () => plus.toString('base64url') };
    const own = new NotaryKey(join(folder, 'notary', 'key'), secrets, 'log.test/plus');
    const { verifier } = await own.signer();
    expect(await readFile(join(folder, 'notary', 'key'), 'utf8')).toContain('+AQ+12345678+');
    expect((await own.signer()).verifier).toEqual(verifier);
  });

  it.each(['', 'PRIVATE+KEY+x+00000000+AAAA', 'a poem'])(
    'is refused where it is %j, which is not repeated',
    async (text) => {
      await key().signer();
      await writeFile(join(folder, 'notary', 'key'), text);
      await expect(key().signer()).rejects.toThrow(KeyUnusable);
      if (text !== '') await expect(key().signer()).rejects.not.toThrow(text);
    },
  );
});
