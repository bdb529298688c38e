import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { event } from '#ledger/event.js';
import { leafHash, merkleRoot } from '#ledger/merkle.js';
import type { Log } from '#ledger/log.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryLog } from '#store/memory-log.js';
import type { Entry } from './domain/entry.js';
import { leavesOf, Seal, SealBroken } from './seal.js';
import { verifyLog } from './verify-log.js';

const Told = event('Told', z.strictObject({ at: z.int() }));

const ids = new CountedIds();
const grow = async (log: Log, count: number): Promise<void> => {
  for (let at = 0; at < count; at++) {
    const id = ids.next();
    const actor = { kind: 'service', id: 'test', build: 'test' } as const;
    const recordedAt = '2025-01-02T03:04:05.678Z';
    await log.append('run-a', 'any', [
      { id, type: 'Told', version: 1, recordedAt, actor, causationId: id, correlationId: id, data: { at } },
    ]);
  }
};

const rootOf = async (log: Log): Promise<string> => {
  const leaves: Uint8Array[] = [];
  for await (const { bytes } of log.readAll()) leaves.push(leafHash(bytes));
  return Buffer.from(merkleRoot(leaves)).toString('hex');
};

describe('a seal', () => {
  let folder = '';
  let log: MemoryLog;
  let seal: Seal;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'seal-'));
    log = new MemoryLog();
    seal = new Seal(join(folder, 'seal'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is nothing before the first, then grows with the log to the same root', async () => {
    expect(await seal.read()).toBeUndefined();
    for (const count of [0, 3, 0, 1, 9]) {
      await grow(log, count);
      const head = await seal.advance(log);
      expect(head).toEqual({ position: log.head(), size: log.head(), root: await rootOf(log) });
    }
    const sealed = await seal.read();
    expect(sealed && [...leavesOf(sealed.leaves)]).toHaveLength(13);
    expect(await readdir(join(folder, 'seal'))).toEqual(['head.json', 'leaves']);
  });

  it('counts no leaves that a crash left without a head', async () => {
    await grow(log, 4);
    await seal.advance(log);
    const path = join(folder, 'seal', 'leaves');
    await writeFile(path, Buffer.concat([await readFile(path), Buffer.alloc(77, 1)]));
    expect((await seal.read())?.leaves).toHaveLength(4 * 32);
    await grow(log, 1);
    expect((await seal.advance(log)).root).toBe(await rootOf(log));
    expect(await readFile(path)).toHaveLength(5 * 32);
  });

  it('that a writer leaves while the log is read does not make the log seem cut', async () => {
    await grow(log, 4);
    async function* entries(): AsyncGenerator<readonly Entry[]> {
      const read: Entry[] = [];
      for await (const { position, bytes } of log.readAll()) read.push({ position, bytes, fits: () => true });
      await grow(log, 2);
      await seal.advance(log);
      yield read;
    }
    expect(await verifyLog(entries(), { events: [Told], seal })).toMatchObject({ ok: true, events: 4, findings: [] });
  });

  it('goes no further on leaves that are not those of its head', async () => {
    await grow(log, 4);
    await seal.advance(log);
    const path = join(folder, 'seal', 'leaves');
    const leaves = await readFile(path);
    leaves[0] = (leaves[0] ?? 0) ^ 1;
    await writeFile(path, leaves);
    await expect(seal.advance(log)).rejects.toThrow(SealBroken);
    await writeFile(path, leaves.subarray(1));
    await expect(seal.read()).rejects.toThrow("127 bytes, the head's 4 leaves take 128");
  });
});
