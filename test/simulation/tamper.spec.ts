import { copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { expectedFinding, type Forgery } from '#audit/domain/forgery.js';
import type { Verification } from '#audit/domain/finding.js';
import { Notary } from '#audit/notary.js';
import { verifyLog, type VerifyOptions } from '#audit/verify-log.js';
import { event } from '#ledger/event.js';
import type { Proposed } from '#ledger/record.js';
import { sha256Schema } from '#ledger/schema.js';
import { ED25519, Signer } from '#ledger/note.js';
import { CountedIds } from '#store/counted-ids.js';
import { dataFolder, type DataFolder } from '#store/data-folder.js';
import { FileArtifacts } from '#store/file-artifacts.js';
import { lmdbEntries } from '#store/lmdb-entries.js';
import { openRecords } from '#store/lmdb-records.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { TileFolder } from '#store/tile-folder.js';
import { toStoredValue } from '#store/stored-value.js';
import { copyDataFolder, NothingToForge, tamper } from '#store/tamper.js';

const Counted = event('Counted', z.strictObject({ count: z.int(), note: z.string() }));
const Kept = event('Kept', z.strictObject({ artifact: sha256Schema.meta({ artifact: true }) }));
const events = [Counted, Kept];

const RECORDS = 60;
const SIGNED = 50;
const STREAMS = ['run-a', 'run-b', 'audit'];

const ids = new CountedIds();
const propose = (type: string, data: Proposed['data']): Proposed => {
  const id = ids.next();
  return {
    id,
    type,
    version: 1,
    recordedAt: '2025-01-02T03:04:05.678Z',
    actor: { kind: 'service', id: 'test', build: 'test' },
    causationId: id,
    correlationId: id,
    data,
  };
};

let root = '';
let original: DataFolder;
const names: string[] = [];

/** Position p is revision floor((p - 1) / 3) of one of three streams in turn; every tenth record names an artifact. */
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'tamper-'));
  original = dataFolder(join(root, 'original'));
  const log = await LmdbLog.open(original.log);
  const artifacts = new FileArtifacts(original.artifacts);
  const notary = notaryOf(original);
  for (let position = 1; position <= RECORDS; position++) {
    const name =
      position % 10 === 0 ? await artifacts.put(new TextEncoder().encode(`artifact ${position}`)) : undefined;
    if (name) names.push(name);
    const proposed = name
      ? propose('Kept', { artifact: name })
      : propose('Counted', { count: position, note: 'the quick brown fox jumps over the lazy dog'.repeat(4) });
    await log.append(STREAMS[position % 3] ?? '', 'any', [proposed]);
    if (position === 20 || position === SIGNED) await notary.advance(log);
  }
  await log.close();
});

afterAll(() => rm(root, { recursive: true }));

/** With a key for each owner. */
const notaryOf = ({ tlog }: DataFolder, owner = 1): Notary =>
  new Notary(new TileFolder(tlog), async () => new Signer('log.test/tamper', ED25519, Buffer.alloc(32, owner)));

const verify = (folder: DataFolder, options: Partial<VerifyOptions> = {}): Promise<Verification> =>
  verifyLog(lmdbEntries(folder.log), {
    events,
    artifacts: new FileArtifacts(folder.artifacts),
    notary: notaryOf(folder),
    ...options,
  });

let copies = 0;
const forge = async (...forgeries: readonly Forgery[]): Promise<DataFolder> => {
  const copy = await copyDataFolder(original, join(root, `copy-${copies++}`));
  for (const forgery of forgeries) await tamper(copy, forgery);
  return copy;
};

const summary = ({ findings }: Verification) => findings.map(({ kind, position }) => ({ kind, position }));

describe('an untouched log', () => {
  it('verifies, and so does its copy', async () => {
    const expected = {
      ok: true,
      events: RECORDS,
      streams: 3,
      artifacts: 6,
      artifactBytes: 66,
      signed: SIGNED,
      findings: [],
      findingsLeftOut: 0,
    };
    const verified = await verify(original);
    expect(verified).toMatchObject(expected);
    expect(await verify(await forge())).toEqual(verified);
  });

  it('is as it was after its copies were forged', async () => {
    const before = await verify(original);
    const [name = ''] = names;
    await forge({ kind: 'change artifact', sha256: name, position: 10 }, { kind: 'cut tail', after: 3 });
    expect(await verify(original)).toEqual(before);
  });
});

const artifact = (position: number): string => names[position / 10 - 1] ?? '';

describe('a forged copy, signed before', () => {
  const forgeries: readonly [string, () => Forgery][] = [
    ['a flipped byte in the first record', () => ({ kind: 'flip byte', position: 1 })],
    ['a flipped byte', () => ({ kind: 'flip byte', position: 25 })],
    ['a flipped byte in the last signed record', () => ({ kind: 'flip byte', position: SIGNED })],
    ['a removed record', () => ({ kind: 'remove record', position: 17, close: false })],
    ['the first record removed', () => ({ kind: 'remove record', position: 1, close: false })],
    ['a removed record, the gap closed', () => ({ kind: 'remove record', position: 17, close: true })],
    ['swapped neighbours', () => ({ kind: 'swap records', positions: [30, 31] })],
    ['swapped records of one stream', () => ({ kind: 'swap records', positions: [12, 15] })],
    ['swapped records far apart', () => ({ kind: 'swap records', positions: [41, 2] })],
    ['re-ordered records', () => ({ kind: 'reorder records', from: 5, to: 23 })],
    ['a cut tail', () => ({ kind: 'cut tail', after: 44 })],
    ['nearly everything cut', () => ({ kind: 'cut tail', after: 0 })],
    ['a changed artifact', () => ({ kind: 'change artifact', sha256: artifact(40), position: 40 })],
    ['a removed artifact', () => ({ kind: 'remove artifact', sha256: artifact(20), position: 20 })],
  ];

  it.each(forgeries)('names %s with its position and nothing else', async (_, forgery) => {
    const verified = await verify(await forge(forgery()));
    expect(summary(verified)).toEqual([expectedFinding(forgery())]);
    expect(verified.ok).toBe(false);
  });

  it('names several forgeries in the order of the log', async () => {
    const verified = await verify(
      await forge(
        { kind: 'flip byte', position: 33 },
        { kind: 'swap records', positions: [7, 9] },
        { kind: 'remove record', position: 21, close: true },
        { kind: 'cut tail', after: 45 },
      ),
    );
    expect(summary(verified)).toEqual([
      { kind: 'order swap', position: 7 },
      { kind: 'gap', position: 21 },
      { kind: 'byte change', position: 32 },
      { kind: 'truncation', position: 46 },
    ]);
  });

  it('names a change after which the record is as well-formed as before', async () => {
    const copy = await forge();
    const { root: store, records } = openRecords(copy.log, { readOnly: false });
    const value = Buffer.from(records.get(13) ?? '');
    const text = value.subarray(4).toString().replace('"count":13', '"count":14');
    await records.put(13, toStoredValue(13, Buffer.from(text)));
    await store.close();
    const verified = await verify(copy);
    expect(summary(verified)).toEqual([{ kind: 'byte change', position: 13 }]);
    expect(verified.findings[0]?.message).toBe('the bytes are not those that were signed');
  });

  it('names a removed record once, where all records are signed and a head is kept outside', async () => {
    const { root: whole } = await verify(original);
    const signed = await forge();
    const log = await LmdbLog.open(signed.log, { readOnly: true });
    await notaryOf(signed).advance(log);
    await log.close();
    await tamper(signed, { kind: 'remove record', position: 17, close: true });
    const verified = await verify(signed, { expected: { size: RECORDS, root: whole } });
    expect(summary(verified)).toEqual([{ kind: 'gap', position: 17 }]);
  });

  it('refuses to forge what is not there', async () => {
    await expect(forge({ kind: 'flip byte', position: RECORDS + 1 })).rejects.toThrow(NothingToForge);
    await expect(forge({ kind: 'change artifact', sha256: 'f'.repeat(64), position: 1 })).rejects.toThrow(
      NothingToForge,
    );
  });
});

describe('a forged copy without a checkpoint', () => {
  const unsigned = async (forgery: Forgery): Promise<Verification> => {
    const copy = await forge(forgery);
    await rm(copy.tlog, { recursive: true });
    return verify(copy);
  };

  it('shows what the records themselves contradict', async () => {
    expect(summary(await unsigned({ kind: 'remove record', position: 17, close: false }))).toEqual([
      { kind: 'gap', position: 17 },
      { kind: 'gap', position: 20 },
    ]);
    expect(summary(await unsigned({ kind: 'remove record', position: 17, close: true }))).toEqual([
      { kind: 'gap', position: 19 },
    ]);
    expect(summary(await unsigned({ kind: 'swap records', positions: [12, 15] }))).toEqual([
      { kind: 'order swap', position: 12 },
    ]);
    expect((await unsigned({ kind: 'flip byte', position: 25 })).ok).toBe(true);
  });

  it('cannot see a cut tail, but a head kept outside can', async () => {
    const { root: whole } = await verify(original);
    const copy = await forge({ kind: 'cut tail', after: 44 });
    await rm(copy.tlog, { recursive: true });
    expect((await verify(copy)).ok).toBe(true);
    const held = await verify(copy, { expected: { size: RECORDS, root: whole } });
    expect(summary(held)).toEqual([{ kind: 'truncation', position: 45 }]);
  });
});

describe('whoever publishes the forgery anew, with another key', () => {
  const republished = async (forgery: Forgery): Promise<DataFolder> => {
    const copy = await forge(forgery);
    await rm(copy.tlog, { recursive: true });
    const log = await LmdbLog.open(copy.log, { readOnly: true });
    await notaryOf(copy, 2).advance(log);
    await log.close();
    return copy;
  };

  it('is caught only by a head kept elsewhere, which cannot tell the record', async () => {
    const { root: whole } = await verify(original);
    const copy = await republished({ kind: 'swap records', positions: [30, 31] });
    expect(summary(await verify(copy))).toEqual([]);
    expect(summary(await verify(copy, { expected: { size: RECORDS, root: whole } }))).toEqual([
      { kind: 'root mismatch', position: null },
    ]);
  });

  it('is noticed where the key is known, and where tiles and checkpoint do not fit each other', async () => {
    const copy = await republished({ kind: 'swap records', positions: [30, 31] });
    await copyFile(join(original.tlog, 'key.pub'), join(copy.tlog, 'key.pub'));
    expect(summary(await verify(copy))).toEqual([{ kind: 'checkpoint invalid', position: null }]);
    const tiles = await forge();
    const path = join(tiles.tlog, 'tile', '0', `000.p`, String(SIGNED));
    const leaves = await readFile(path);
    leaves[5] = (leaves[5] ?? 0) ^ 1;
    for (const bytes of [leaves, leaves.subarray(0, 100)]) {
      await writeFile(path, bytes);
      expect(summary(await verify(tiles))).toEqual([{ kind: 'checkpoint invalid', position: null }]);
    }
    await writeFile(join(tiles.tlog, 'checkpoint'), 'signed: me\n');
    expect(summary(await verify(tiles))).toEqual([{ kind: 'checkpoint invalid', position: null }]);
  });
});
