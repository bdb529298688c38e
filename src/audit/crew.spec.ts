import { allEvents } from '#event-catalogue.js';
import { LogDamaged } from '#ledger/log.js';
import { canonicalJson, recordBytes, type Record } from '#ledger/record.js';
import { CountedIds } from '#store/counted-ids.js';
import type { Entries, Entry } from './domain/entry.js';
import type { Verification } from './domain/finding.js';
import { inspectedByCrew } from './crew.js';
import { inspectedHere, type Inspection } from './inspection.js';
import { verifyLog } from './verify-log.js';

/** More than one thread looks at alone, and no whole number of blocks. */
const COUNT = 23_456;
const STREAMS = 7;
const BATCH = 61;

const ids = new CountedIds();
const verified = { events: 1, root: '0'.repeat(64), streams: 1, artifacts: 0, artifactBytes: 0 };
const record = (at: number, change: Partial<Record> = {}): Record => {
  const id = ids.next();
  return {
    id,
    stream: `audit-${at % STREAMS}`,
    revision: Math.floor(at / STREAMS),
    type: 'LogVerified',
    version: 1,
    recordedAt: '2025-01-02T03:04:05.678Z',
    actor: { kind: 'service', id: 'test', build: 'test' },
    causationId: id,
    correlationId: id,
    data: { ...verified, events: COUNT + 1 },
    ...change,
  };
};

/** Every kind of damage that shows without tiles, in what threads look at and before it. */
const damaged = (sound: readonly Record[]): readonly Entry[] => {
  const entries = sound.map((one, at): Entry => ({ position: at + 1, bytes: recordBytes(one), fits: () => true }));
  const replace = (at: number, bytes: Uint8Array): void => void (entries[at] = { ...(entries[at] as Entry), bytes });
  const change = (at: number, other: Partial<Record>): void =>
    replace(at, recordBytes({ ...(sound[at] as Record), ...other }));
  for (const base of [100, 21_000]) {
    replace(base, Buffer.from('{"id":1}'));
    replace(base + 1, Buffer.from(`${canonicalJson(sound[base + 1])} `));
    change(base + 2, { type: 'Sung' });
    change(base + 3, { data: { ...verified, events: -1 } });
    change(base + 4, { data: verified });
    change(base + 5, { id: sound[base - 5]?.id as string });
    change(base + 6, { causationId: sound[base + 300]?.id as string });
    change(base + 7, { revision: 1 });
    change(base + 8, { id: String(sound[base + 8]?.id).replace(/^0/, 'A') });
    change(base + 10, { causationId: String(sound[base + 10]?.id).replace(/^0/, 'B') });
    change(base + 11, { id: sound[base + 10]?.id as string });
    entries[base + 9] = { ...(entries[base + 9] as Entry), fits: () => false };
  }
  return entries.filter((_, at) => at !== 22_222 && at !== 22_223);
};

const entries = damaged(Array.from({ length: COUNT }, (_, at) => record(at)));

async function* inBatches(breaksAt = Infinity): Entries {
  for (let at = 0; at < entries.length; at += BATCH) {
    if (at > breaksAt) throw new LogDamaged('the store is damaged inside');
    yield entries.slice(at, at + BATCH);
  }
}

const verify = (inspection: Inspection, of: Entries = inBatches()): Promise<Verification> =>
  verifyLog(of, { events: allEvents, inspection });

describe('a log that several threads look at', () => {
  it.each([1, 2, 3])('is verified by %i as by none', async (threads) => {
    const here = await verify(inspectedHere(allEvents));
    expect(new Set(here.findings.map(({ kind }) => kind))).toEqual(
      new Set(['malformed', 'byte change', 'gap', 'insertion', 'order swap']),
    );
    expect(await verify(inspectedByCrew(threads))).toEqual(here);
  });

  it('ends where the store is damaged inside', async () => {
    const here = await verify(inspectedHere(allEvents), inBatches(22_000));
    expect(here.findings.at(-1)).toMatchObject({ kind: 'malformed', message: 'the store is damaged inside' });
    expect(await verify(inspectedByCrew(2), inBatches(22_000))).toEqual(here);
  });

  it('passes on what goes wrong while it is read', async () => {
    const failing = async function* (): Entries {
      yield* inBatches(22_000);
    };
    const broken = async function* (): Entries {
      try {
        yield* failing();
      } catch {
        throw new RangeError('away');
      }
    };
    await expect(verify(inspectedByCrew(2), broken())).rejects.toThrow('away');
  });
});
