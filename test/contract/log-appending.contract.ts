import { expect, it } from '@jest/globals';
import { IdConflict, WrongExpectedRevision, type Expected, type Log, type Receipt } from '#ledger/log.js';
import { parseRecord, recordBytes } from '#ledger/record.js';
import { all, isReceipt, positions, range, revisions } from './collecting.js';
import { fresh, several } from './proposing.js';

export const appending = (log: () => Log): void => {
  it('counts positions from 1 and revisions from 0 of each stream', async () => {
    expect(await log().append('a', 'no-stream', several(2))).toEqual({ stream: 'a', revision: 1, position: 2 });
    expect(await log().append('b', 'no-stream', several(1))).toEqual({ stream: 'b', revision: 0, position: 3 });
    expect(await log().append('a', 1, several(3))).toEqual({ stream: 'a', revision: 4, position: 6 });
    expect(await positions(log().readAll())).toEqual(range(1, 6));
    expect(await revisions(log().readStream('a'))).toEqual(range(0, 4));
    expect(await positions(log().readStream('a'))).toEqual([1, 2, 4, 5, 6]);
  });

  it('gives back the canonical bytes of exactly what was appended', async () => {
    const event = fresh({ text: 'é \u0000 \u{1f600}', 10: 1, 9: 2, nested: [{ b: 1, a: null }], ['__proto__']: 7 });
    await log().append('a', 'no-stream', [event]);
    const [recorded] = await all(log().readStream('a'));
    const record = { ...event, stream: 'a', revision: 0 };
    expect(Buffer.from(recorded?.bytes ?? []).toString()).toBe(Buffer.from(recordBytes(record)).toString());
    expect(recorded?.record).toEqual(record);
    expect(parseRecord(recorded?.bytes ?? new Uint8Array())).toEqual(record);
  });

  const cases: readonly [state: 'absent' | 'at 1', expected: Expected, allowed: boolean][] = [
    ['absent', 'any', true],
    ['absent', 'no-stream', true],
    ['absent', 'stream-exists', false],
    ['absent', 0, false],
    ['at 1', 'any', true],
    ['at 1', 'no-stream', false],
    ['at 1', 'stream-exists', true],
    ['at 1', 0, false],
    ['at 1', 1, true],
    ['at 1', 2, false],
  ];
  it.each(cases)('stream %s, expected %s: allowed %s', async (state, expected, allowed) => {
    const actual = state === 'absent' ? 'no-stream' : 1;
    if (actual === 1) await log().append('a', 'any', several(2));
    await log().append('a2', 'any', several(5));
    const before = await positions(log().readAll());
    const outcome = log().append('a', expected, several(2));
    if (allowed) {
      await expect(outcome).resolves.toMatchObject({ revision: actual === 1 ? 3 : 1, position: before.length + 2 });
      return;
    }
    await expect(outcome).rejects.toThrow(WrongExpectedRevision);
    await expect(outcome).rejects.toMatchObject({ stream: 'a', expected, actual });
    expect(await positions(log().readAll())).toEqual(before);
  });

  it.each(['run-é', 'корпус', '流', '\u{1f600}\u{1f600}', 'with space/and:signs', 'nul\u0000inside', '流'.repeat(200)])(
    'keeps the stream named %j apart',
    async (stream) => {
      const shorter = [...stream].slice(0, -1).join('');
      const neighbours = [`${shorter}x`, `${shorter}y`];
      for (const neighbour of neighbours) await log().append(neighbour, 'no-stream', several(1));
      await log().append(stream, 'no-stream', several(2));
      for (const neighbour of neighbours) await log().append(neighbour, 0, several(2));
      await log().append(stream, 1, several(1));
      expect(await positions(log().readStream(stream))).toEqual([3, 4, 9]);
      expect(await positions(log().readAll({ streamPrefix: stream }))).toEqual([3, 4, 9]);
    },
  );
};

export const idempotency = (log: () => Log): void => {
  it.each(['no-stream', 'any', 'stream-exists', 0, 7] satisfies Expected[])(
    'acknowledges the same events again with the first receipt, expecting %s',
    async (expected) => {
      const events = several(3);
      const first = await log().append('a', 'no-stream', events);
      await log().append('b', 'no-stream', several(2));
      await log().append('a', 2, several(1));
      expect(await log().append('a', expected, events)).toEqual(first);
      expect(await positions(log().readAll())).toEqual(range(1, 6));
    },
  );

  it('finds a record by its id, however the id is written, and nothing under another', async () => {
    const [first, second] = several(2) as [ReturnType<typeof fresh>, ReturnType<typeof fresh>];
    expect(await log().withId(first.id)).toBeUndefined();
    await log().append('a', 'no-stream', [first, second]);
    const found = await log().withId(second.id);
    expect({ position: found?.position, record: found?.record }).toMatchObject({ position: 2, record: second });
    expect((await log().withId(first.id.toUpperCase()))?.position).toBe(1);
    expect(await log().withId(fresh().id)).toBeUndefined();
    expect(await log().withId('no id')).toBeUndefined();
  });

  it('acknowledges one and the same append made twice at once', async () => {
    const events = several(2);
    const [first, second] = await Promise.all([
      log().append('a', 'no-stream', events),
      log().append('a', 'no-stream', events),
    ]);
    expect(second).toEqual(first);
    expect(await positions(log().readAll())).toEqual([1, 2]);
  });

  it('refuses a known id with other bytes, in another stream, in part, in another order or twice', async () => {
    const [one, two] = several(2) as [ReturnType<typeof fresh>, ReturnType<typeof fresh>];
    await log().append('a', 'no-stream', [one, two]);
    const attempts = [
      ['a', [{ ...one, data: { at: 99 } }]],
      ['a', [{ ...one, recordedAt: '2025-01-02T03:04:06.000Z' }]],
      ['b', [one]],
      ['a', [one, fresh()]],
      ['a', [fresh(), two]],
      ['a', [two, one]],
      ['a', [{ ...one, id: one.id.toUpperCase() }]],
    ] as const;
    for (const [stream, events] of attempts)
      await expect(log().append(stream, 'any', events)).rejects.toThrow(IdConflict);
    const twice = fresh();
    await expect(log().append('c', 'any', [twice, twice])).rejects.toThrow(IdConflict);
    expect(await positions(log().readAll())).toEqual([1, 2]);
  });
};

export const concurrency = (log: () => Log): void => {
  it('lets exactly one of many writers who saw the same revision win, round after round', async () => {
    for (let round = 0; round < 10; round += 1) {
      const expected = round === 0 ? 'no-stream' : round - 1;
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, (_, writer) => log().append('a', expected, [fresh({ writer })])),
      );
      expect(results.filter(isReceipt)).toHaveLength(1);
      for (const result of results) if (!isReceipt(result)) expect(result.reason).toBeInstanceOf(WrongExpectedRevision);
    }
    expect(await revisions(log().readStream('a'))).toEqual(range(0, 9));
    expect(await positions(log().readAll())).toEqual(range(1, 10));
  });

  it('gives writers on many streams gapless revisions and every position once', async () => {
    const receipts = await Promise.all(
      range(0, 15).map(async (writer) => {
        const own: Receipt[] = [];
        for (let at = 0; at < 12; at += 1)
          own.push(await log().append(`w-${writer}`, at === 0 ? 'no-stream' : 2 * at - 1, several(2)));
        return own;
      }),
    );
    const last = receipts.flat().map(({ position }) => position);
    expect(new Set(last).size).toBe(16 * 12);
    expect(await positions(log().readAll())).toEqual(range(1, 16 * 12 * 2));
    for (const writer of range(0, 15)) {
      expect(await revisions(log().readStream(`w-${writer}`))).toEqual(range(0, 23));
      const own = await positions(log().readStream(`w-${writer}`));
      for (let at = 0; at < 12; at += 1) expect(own[2 * at + 1]).toBe((own[2 * at] ?? 0) + 1);
    }
  });

  it('refuses one append without harm to those beside it', async () => {
    const results = await Promise.allSettled([
      log().append('a', 'no-stream', several(1)),
      log().append('a', 'no-stream', several(1)),
      log().append('b', 'no-stream', several(1)),
      log().append('c', 5, several(1)),
      log().append('a', 0, several(1)),
    ]);
    expect(results.map(({ status }) => status === 'fulfilled')).toEqual([true, false, true, false, true]);
    expect(await positions(log().readAll())).toEqual([1, 2, 3]);
  });
};
