import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { event } from '#ledger/event.js';
import { leafHash, merkleRoot } from '#ledger/merkle.js';
import { ED25519, formatVerifier, Signer } from '#ledger/note.js';
import { recordBytes, type Record as LogRecord } from '#ledger/record.js';
import { artifactSchema } from '#ledger/schema.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { MemoryLog } from '#store/memory-log.js';
import { TileFolder } from '#store/tile-folder.js';
import type { Entry } from './domain/entry.js';
import { auditEvents, LogVerified } from './domain/events.js';
import { Notary } from './notary.js';
import { beginningOf, verifyNew, type Start, type VerifiedNew } from './verify-new.js';

const Told = event('Told', z.strictObject({ at: z.int() }));
const Kept = event('Kept', z.strictObject({ artifact: artifactSchema }));
const events = [Told, Kept, ...auditEvents];
const signer = new Signer('log.test/new', ED25519, Buffer.alloc(32, 1));
const start = beginningOf(formatVerifier(signer.verifier));

let folder = '';
let log: MemoryLog;
let tiles: TileFolder;
let ids: CountedIds;
/** What the store gives in place of the record at a position. */
let forged: Map<number, (record: LogRecord) => LogRecord | undefined>;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'verify-new-'));
  log = new MemoryLog();
  tiles = new TileFolder(folder);
  ids = new CountedIds();
  forged = new Map();
});
afterEach(() => rm(folder, { recursive: true }));

const say = async (type: string, data: LogRecord['data'], stream = 'run-a'): Promise<void> => {
  const id = ids.next();
  const actor = { kind: 'service', id: 'test', build: 'test' } as const;
  const recordedAt = '2025-01-02T03:04:05.678Z';
  await log.append(stream, 'any', [
    { id, type, version: 1, recordedAt, actor, causationId: id, correlationId: id, data },
  ]);
};
const tell = async (count: number): Promise<void> => {
  for (let at = 0; at < count; at += 1) await say('Told', { at }, at % 2 === 0 ? 'run-a' : 'run-b');
};
const sign = () => new Notary(tiles, async () => signer).advance(log);

let read: number[] = [];
const verify = (before: Start): Promise<VerifiedNew> => {
  read = [];
  async function* entries(from = 1): AsyncGenerator<readonly Entry[]> {
    for await (const { position, record } of log.readAll({ from })) {
      const change = forged.get(position);
      const given = change ? change(record) : record;
      read.push(position);
      if (given) yield [{ position, bytes: recordBytes(given), fits: () => true }];
    }
  }
  const audited = { entries, artifacts: new MemoryArtifacts(), tiles };
  return verifyNew(audited, tiles, before, { events });
};
const found = ({ verification }: VerifiedNew) => verification.findings.map(({ kind, position }) => [kind, position]);

const rootOf = async (size: number): Promise<string> => {
  const leaves: Uint8Array[] = [];
  for await (const { bytes } of log.readAll()) leaves.push(leafHash(bytes));
  return Buffer.from(merkleRoot(leaves.slice(0, size))).toString('hex');
};

it('reads what is new and the record before it, at any size, and comes to the root of the whole', async () => {
  let before: Start = start;
  for (const count of [1, 2, 5, 300, 0, 4]) {
    await tell(count);
    await sign();
    const { verification, soFar } = await verify(before);
    const size = log.head();
    expect(verification).toMatchObject({ ok: true, events: size, signed: size, root: await rootOf(size) });
    expect(read).toHaveLength(count + (before.size === 0 ? 0 : 1));
    expect(soFar).toMatchObject({ size, position: size, root: await rootOf(size) });
    before = soFar as Start;
  }
});

it('remembers what is signed, and looks at what is not the next time again', async () => {
  await tell(4);
  await sign();
  await tell(3);
  const { verification, soFar } = await verify(start);
  expect(verification).toMatchObject({ ok: true, events: 7, signed: 4 });
  expect(soFar).toMatchObject({ size: 4, position: 4, streams: { 'run-a': 2, 'run-b': 2 } });
  await sign();
  const next = await verify(soFar as Start);
  expect(next.verification).toMatchObject({ ok: true, events: 7, signed: 7 });
  expect([...next.streams]).toEqual(['run-a', 'run-b']);
});

describe('of what is new', () => {
  let before: Start;
  beforeEach(async () => {
    await tell(6);
    await sign();
    before = (await verify(start)).soFar as Start;
    await tell(6);
  });
  const expectFound = async (...findings: readonly unknown[]): Promise<void> => {
    const outcome = await verify(before);
    expect({ found: found(outcome), soFar: outcome.soFar }).toEqual({ found: findings, soFar: undefined });
  };

  it('finds a record that is not the one signed, with its position', async () => {
    await sign();
    forged.set(9, (record) => ({ ...record, data: { at: 99 } }));
    await expectFound(['byte change', 9]);
  });

  it('finds that one is gone', async () => {
    await sign();
    forged.set(8, () => undefined);
    await expectFound(['gap', 8]);
  });

  it('finds a revision that does not follow the ones before it', async () => {
    forged.set(7, (record) => ({ ...record, revision: record.revision + 1 }));
    expect(found(await verify(before))).toEqual([
      ['gap', 7],
      ['insertion', 9],
    ]);
  });

  it('finds an event that has no such shape, an artifact that is missing, and a root that somebody noted', async () => {
    await say('Told', { at: 'nowhere' });
    await say('Kept', { artifact: 'ab'.repeat(32) });
    await sign();
    await expectFound(['malformed', 13], ['artifact missing', 14]);
  });

  it('finds a verification recorded in it that saw another log', async () => {
    const noted = { events: 8, root: 'ab'.repeat(32), streams: 2, artifacts: 0, artifactBytes: 0 };
    await say(LogVerified.type, noted, 'audit');
    await sign();
    await expectFound(['root mismatch', null]);
  });

  it('finds that the last record verified is another', async () => {
    await sign();
    forged.set(6, (record) => ({ ...record, data: { at: 99 } }));
    await expectFound(['byte change', 6]);
  });

  it('does not find what was changed in records that were verified before', async () => {
    await sign();
    forged.set(3, (record) => ({ ...record, data: { at: 99 } }));
    expect((await verify(before)).verification.ok).toBe(true);
  });

  it('finds a checkpoint by another key', async () => {
    await sign();
    const stranger = formatVerifier(new Signer('log.test/new', ED25519, Buffer.alloc(32, 2)).verifier);
    expect(found(await verify({ ...before, key: stranger }))).toEqual([['checkpoint invalid', null]]);
  });
});
