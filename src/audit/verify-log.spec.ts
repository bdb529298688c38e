import { z } from 'zod';
import { event } from '#ledger/event.js';
import { leafHash, merkleRoot } from '#ledger/merkle.js';
import { recordBytes, type Record } from '#ledger/record.js';
import { CountedIds } from '#store/counted-ids.js';
import { auditEvents } from './domain/events.js';
import type { Verification } from './domain/finding.js';
import type { Entry } from './domain/entry.js';
import { verifyLog, type VerifyOptions } from './verify-log.js';

const Told = event('Told', z.strictObject({ at: z.int() }));
const events = [Told, ...auditEvents];

const ids = new CountedIds();
const record = (change: Partial<Record> = {}): Record => {
  const id = ids.next();
  return {
    id,
    stream: 'run-a',
    revision: 0,
    type: 'Told',
    version: 1,
    recordedAt: '2025-01-02T03:04:05.678Z',
    actor: { kind: 'service', id: 'test', build: 'test' },
    causationId: id,
    correlationId: id,
    data: { at: 1 },
    ...change,
  };
};

/** Entries at positions 1, 2, 3, ... of a store without checksums. */
const stored = (...records: readonly (Record | Uint8Array)[]): readonly Entry[] =>
  records.map((one, at) => ({
    position: at + 1,
    bytes: one instanceof Uint8Array ? one : recordBytes(one),
    fits: () => true,
  }));

async function* inBatches(entries: readonly Entry[]): AsyncGenerator<readonly Entry[]> {
  for (let at = 0; at < entries.length; at += 3) yield entries.slice(at, at + 3);
}

const verify = (entries: readonly Entry[], options: Partial<VerifyOptions> = {}): Promise<Verification> =>
  verifyLog(inBatches(entries), { events, ...options });

const found = async (entries: readonly Entry[], options?: Partial<VerifyOptions>): Promise<readonly unknown[]> =>
  (await verify(entries, options)).findings.map(({ position, kind, message }) => [position, kind, message]);

const rootOf = (entries: readonly Entry[]): string =>
  Buffer.from(merkleRoot(entries.map(({ bytes }) => leafHash(bytes)))).toString('hex');

describe('verifying a log', () => {
  it('finds nothing wrong with nothing', async () => {
    expect(await verify([])).toMatchObject({ ok: true, events: 0, streams: 0, root: rootOf([]) });
  });

  it('counts events and streams and gives the RFC 6962 root', async () => {
    const entries = stored(record(), record({ stream: 'run-b' }), record({ revision: 1 }));
    expect(await verify(entries)).toMatchObject({ ok: true, events: 3, streams: 2, root: rootOf(entries) });
  });

  it('names a position that is empty, unless the store leaves such gaps', async () => {
    const entries = stored(record(), record({ revision: 1 })).map((entry) => ({
      ...entry,
      position: entry.position * 3,
    }));
    expect(await found(entries)).toEqual([
      [1, 'gap', 'positions 1 to 2 are empty'],
      [4, 'gap', 'positions 4 to 5 are empty'],
    ]);
    expect(await found(entries, { dense: false })).toEqual([]);
  });

  it('names missing, repeated and late revisions', async () => {
    const entries = stored(record(), record({ revision: 4 }), record({ revision: 2 }), record({ revision: 2 }));
    expect(await found(entries)).toEqual([
      [2, 'order swap', 'run-a: revision 2 stands only at position 3, after later ones'],
      [2, 'gap', 'run-a: revision 1 is missing before this'],
      [2, 'gap', 'run-a: revision 3 is missing before this'],
      [4, 'insertion', 'run-a: revision 2 stands here again'],
    ]);
  });

  it('names an event id that stands twice, and an effect before its cause', async () => {
    const cause = record();
    const twice = record({ id: cause.id, stream: 'run-b' });
    expect(await found(stored(cause, twice))).toEqual([
      [2, 'insertion', `event id ${cause.id} stands at position 1 already`],
    ]);
    const effect = record({ stream: 'run-b', causationId: cause.id });
    expect(await found(stored(effect, cause))).toEqual([
      [1, 'order swap', `the event stands before its cause ${cause.id}, which is at position 2`],
    ]);
    expect(await found(stored(cause, effect))).toEqual([]);
    expect(await found(stored(effect))).toEqual([]);
  });

  it('names records that are none, and blames no revision on them', async () => {
    const broken = new TextEncoder().encode('{"id":1}');
    expect(await found(stored(record(), broken, record({ revision: 2 })))).toEqual([
      [2, 'malformed', expect.stringContaining('not a record: ')],
    ]);
  });

  it('names events this build does not know or whose data has another shape', async () => {
    const entries = stored(
      record({ type: 'Sung' }),
      record({ revision: 1, data: { at: 'x' } }),
      record({ revision: 2, version: 2 }),
    );
    expect(await found(entries)).toEqual([
      [1, 'malformed', 'run-a: this build does not know the event Sung'],
      [2, 'malformed', expect.stringContaining('Told v1: data.at: ')],
      [3, 'malformed', 'Told: version 2 is unknown, this build reads 1 to 1'],
    ]);
  });

  it('holds the log against the heads that it notes itself', async () => {
    const first = record();
    const claim = (root: string) =>
      record({
        stream: 'audit',
        type: 'LogVerified',
        data: { events: 1, root, streams: 1, artifacts: 0, artifactBytes: 0 },
      });
    expect(await found(stored(first, claim(rootOf(stored(first)))))).toEqual([]);
    expect(await found(stored(first, claim('0'.repeat(64))))).toEqual([
      [null, 'root mismatch', expect.stringContaining('the verification recorded at position 2 saw 0000')],
    ]);
  });

  it('names bytes that the checksum of the store does not fit', async () => {
    const entries = stored(record(), record({ revision: 1 }), record({ stream: 'run-b' }), record({ stream: 'run-c' }));
    const writtenAt = (...positions: readonly number[]): readonly Entry[] =>
      entries.map((entry, at) => ({ ...entry, fits: (position) => positions[at] === position }));
    expect(await found(writtenAt(1, 2, 3, 4))).toEqual([]);
    expect(await found(writtenAt(1, 0, 3, 4))).toEqual([[2, 'byte change', expect.any(String)]]);
    expect(await found(writtenAt(1, 2, 4, 3))).toEqual([
      [3, 'order swap', 'the record here was written at position 4'],
      [4, 'order swap', 'the record here was written at position 3'],
    ]);
    expect(await found(writtenAt(1, 3, 4, 5))).toEqual([
      [2, 'gap', 'a record was removed here: the record here was written at position 3'],
    ]);
  });

  it('tells how far it is', async () => {
    const seen: number[] = [];
    const entries = stored(...Array.from({ length: 8 }, (_, revision) => record({ revision })));
    await verify(entries, { onProgress: (progress) => seen.push(progress.events) });
    expect(seen).toEqual([3, 6, 8]);
  });
});
