import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  IdConflict,
  LogClosed,
  WrongExpectedRevision,
  type Expected,
  type Log,
  type Recorded,
  type Receipt,
} from '#ledger/log.js';
import {
  MalformedRecord,
  MAX_RECORD_BYTES,
  NotCanonical,
  parseRecord,
  RecordTooLarge,
  recordBytes,
} from '#ledger/record.js';
import { fresh, several } from './proposing.js';

export const all = async (recorded: AsyncIterable<Recorded>): Promise<readonly Recorded[]> => {
  const list: Recorded[] = [];
  for await (const one of recorded) list.push(one);
  return list;
};

const positions = async (recorded: AsyncIterable<Recorded>): Promise<readonly number[]> =>
  (await all(recorded)).map(({ position }) => position);

const revisions = async (recorded: AsyncIterable<Recorded>): Promise<readonly number[]> =>
  (await all(recorded)).map(({ record }) => record.revision);

const range = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);

const isReceipt = (result: PromiseSettledResult<Receipt>): result is PromiseFulfilledResult<Receipt> =>
  result.status === 'fulfilled';

/** What every log must do, whatever it is made of. `open` gives an empty one. */
export const logContract = (name: string, open: () => Promise<Log>, discard: () => Promise<void>): void => {
  describe(`${name} keeps the contract of the log`, () => {
    let log: Log;
    beforeEach(async () => {
      log = await open();
    });
    afterEach(async () => {
      await log.close();
      await discard();
    });

    appending(() => log);
    idempotency(() => log);
    reading(() => log);
    refusals(() => log);
    concurrency(() => log);
    following(() => log);
  });
};

const appending = (log: () => Log): void => {
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

const idempotency = (log: () => Log): void => {
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

const reading = (log: () => Log): void => {
  it('reads a stream from either end, from any revision, up to a limit', async () => {
    await log().append('other', 'any', several(1));
    await log().append('a', 'any', several(5));
    const read = (options: Parameters<Log['readStream']>[1]) => revisions(log().readStream('a', options));
    expect(await read({ from: 2 })).toEqual([2, 3, 4]);
    expect(await read({ from: 1, limit: 2 })).toEqual([1, 2]);
    expect(await read({ direction: 'backward' })).toEqual([4, 3, 2, 1, 0]);
    expect(await read({ direction: 'backward', from: 2 })).toEqual([2, 1, 0]);
    expect(await read({ direction: 'backward', from: 99, limit: 1 })).toEqual([4]);
    expect(await read({ limit: 0 })).toEqual([]);
    expect(await read({ from: 5 })).toEqual([]);
    expect(await revisions(log().readStream('absent'))).toEqual([]);
    expect(await revisions(log().readStream('absent', { direction: 'backward' }))).toEqual([]);
  });

  it('reads everything from either end, filtered by stream prefix and type', async () => {
    await log().append('run-1', 'any', [fresh({}, 'Began'), fresh({}, 'Ended')]);
    await log().append('suite-1', 'any', [fresh({ note: '"type":"Began" "stream":"run-' }, 'Sealed')]);
    await log().append('run-2', 'any', [fresh({}, 'Began')]);
    const read = (options: Parameters<Log['readAll']>[0]) => positions(log().readAll(options));
    expect(await read({})).toEqual([1, 2, 3, 4]);
    expect(await read({ from: 3 })).toEqual([3, 4]);
    expect(await read({ direction: 'backward' })).toEqual([4, 3, 2, 1]);
    expect(await read({ direction: 'backward', from: 2, limit: 5 })).toEqual([2, 1]);
    expect(await read({ limit: 3 })).toEqual([1, 2, 3]);
    expect(await read({ from: 5 })).toEqual([]);
    expect(await read({ streamPrefix: 'run-' })).toEqual([1, 2, 4]);
    expect(await read({ streamPrefix: 'run-', limit: 2, direction: 'backward' })).toEqual([4, 2]);
    expect(await read({ types: ['Began'] })).toEqual([1, 4]);
    expect(await read({ types: ['Began', 'Sealed'] })).toEqual([1, 3, 4]);
    expect(await read({ types: [] })).toEqual([]);
    expect(await read({ types: ['Began'], streamPrefix: 'run-2' })).toEqual([4]);
    expect(await read({ types: ['Beg'] })).toEqual([]);
  });

  it('reads long logs in order, both ways, whole', async () => {
    for (let at = 0; at < 10; at += 1) await log().append(`s-${at % 3}`, 'any', several(110));
    expect(await positions(log().readAll())).toEqual(range(1, 1100));
    expect(await positions(log().readAll({ direction: 'backward' }))).toEqual([...range(1, 1100)].reverse());
    expect(await positions(log().readAll({ from: 250, limit: 600 }))).toEqual(range(250, 849));
    expect(await revisions(log().readStream('s-0'))).toEqual(range(0, 439));
    expect(await revisions(log().readStream('s-1', { direction: 'backward' }))).toEqual([...range(0, 329)].reverse());
  });

  it('ends a reading at the end the log had when it began', async () => {
    await log().append('a', 'any', several(3));
    const seen: number[] = [];
    for await (const { position } of log().readAll()) {
      seen.push(position);
      await log().append('a', 'any', several(1));
    }
    expect(seen).toEqual([1, 2, 3]);
  });

  it('does not let a reader change what the next one sees', async () => {
    await log().append('a', 'any', [fresh({ list: [1] })]);
    const [first] = await all(log().readAll());
    (first?.record.data as { list: number[] }).list.push(2);
    first?.bytes.fill(0);
    const [second] = await all(log().readAll());
    expect(second?.record.data).toEqual({ list: [1] });
    expect(parseRecord(second?.bytes ?? new Uint8Array()).data).toEqual({ list: [1] });
  });

  it.each([{ limit: -1 }, { limit: 1.5 }, { from: 0.5 }])('refuses the options %j', async (options) => {
    await expect(all(log().readAll(options))).rejects.toThrow(RangeError);
    await expect(all(log().readStream('a', options))).rejects.toThrow(RangeError);
  });
};

const refusals = (log: () => Log): void => {
  const envelope = recordBytes({ ...fresh({ text: '' }), stream: 'a', revision: 0 }).length;
  const sized = (bytes: number) => fresh({ text: 'x'.repeat(bytes - envelope) });

  it('takes a record of 65,535 bytes and refuses one byte more, whole append and all', async () => {
    await log().append('a', 'no-stream', [sized(MAX_RECORD_BYTES)]);
    await expect(log().append('a', 0, [fresh(), sized(MAX_RECORD_BYTES + 1)])).rejects.toThrow(RecordTooLarge);
    expect(await positions(log().readAll())).toEqual([1]);
  });

  it('refuses what is no record, and keeps nothing of the append', async () => {
    const bad = [
      { ...fresh(), id: 'not-a-uuid' },
      { ...fresh(), recordedAt: 'yesterday' },
      { ...fresh(), type: '' },
      { ...fresh(), version: 0 },
      { ...fresh(), extra: true },
    ];
    for (const event of bad) await expect(log().append('a', 'any', [fresh(), event])).rejects.toThrow(MalformedRecord);
    for (const data of [{ a: NaN }, { a: [Infinity] }, { a: '\ud800' }, { '\udfff': 1 }, { a: 1n }, { a: new Date(0) }])
      await expect(log().append('a', 'any', [fresh(), fresh(data)])).rejects.toThrow(NotCanonical);
    for (const stream of ['', 'x'.repeat(201), 'x'.repeat(5000)])
      await expect(log().append(stream, 'any', [fresh()])).rejects.toThrow(MalformedRecord);
    await expect(log().append('\ud800', 'any', [fresh()])).rejects.toThrow(NotCanonical);
    await expect(log().append('a', 'any', [])).rejects.toThrow(RangeError);
    expect(await positions(log().readAll())).toEqual([]);
    expect(await log().append('a', 'no-stream', [fresh()])).toMatchObject({ position: 1 });
  });

  it('says that it is closed', async () => {
    await log().append('a', 'any', several(600));
    const reading = log().readAll()[Symbol.asyncIterator]();
    await reading.next();
    await log().close();
    await expect(log().append('a', 'any', [fresh()])).rejects.toThrow(LogClosed);
    await expect(all(log().readAll())).rejects.toThrow(LogClosed);
    await expect(
      (async () => {
        while (!(await reading.next()).done);
      })(),
    ).rejects.toThrow(LogClosed);
  });
};

const concurrency = (log: () => Log): void => {
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

const following = (log: () => Log): void => {
  const stop = new AbortController();
  const take = async (recorded: AsyncIterable<Recorded>, count: number): Promise<readonly Recorded[]> => {
    const list: Recorded[] = [];
    for await (const one of recorded) if (list.push(one) === count) break;
    return list;
  };

  it('catches up, then follows, once each and in order', async () => {
    await log().append('a', 'any', several(300));
    const taken = take(log().subscribe({ signal: stop.signal }), 320);
    for (let at = 0; at < 20; at += 1) {
      await pause(1);
      await log().append(`s-${at}`, 'any', several(1));
    }
    expect((await taken).map(({ position }) => position)).toEqual(range(1, 320));
  });

  it('begins after the given position, even one not yet reached, and filters', async () => {
    await log().append('run-a', 'any', several(4));
    const late = take(log().subscribe({ after: 6, signal: stop.signal }), 2);
    const filtered = take(
      log().subscribe({ after: 2, streamPrefix: 'run-', types: ['Happened'], signal: stop.signal }),
      4,
    );
    for (const stream of ['x', 'run-a', 'x', 'run-b']) {
      await log().append(stream, 'any', several(1));
      await log().append(stream, 'any', several(1, 'Other'));
    }
    expect((await late).map(({ position }) => position)).toEqual([7, 8]);
    expect((await filtered).map(({ position }) => position)).toEqual([3, 4, 7, 11]);
  });

  it('waits for a slow reader and loses nothing, while others run ahead', async () => {
    const slow = (async () => {
      const seen: number[] = [];
      for await (const { position } of log().subscribe({ signal: stop.signal })) {
        seen.push(position);
        if (seen.length % 10 === 0) await pause(2);
        if (seen.length === 200) return seen;
      }
      return seen;
    })();
    const fast = take(log().subscribe({ signal: stop.signal }), 200);
    for (let at = 0; at < 20; at += 1) await log().append('a', 'any', several(10));
    expect((await fast).map(({ position }) => position)).toEqual(range(1, 200));
    expect(await slow).toEqual(range(1, 200));
  });

  it('shows an event to a subscriber only once its writer could have its receipt', async () => {
    const seen = take(log().subscribe({ signal: stop.signal }), 1).then(() => log().readStream('a', { limit: 1 }));
    const receipt = await log().append('a', 'any', several(1));
    expect(await positions(await seen)).toEqual([receipt.position]);
  });

  it('ends when the signal aborts, waiting or in the middle, and before it begins', async () => {
    const waiting = new AbortController();
    const ended = all(log().subscribe({ signal: waiting.signal }));
    await pause(5);
    waiting.abort();
    expect(await ended).toEqual([]);
    await log().append('a', 'any', several(5));
    const middle = new AbortController();
    let count = 0;
    for await (const { position } of log().subscribe({ signal: middle.signal })) {
      count += 1;
      if (position === 2) middle.abort();
    }
    expect(count).toBe(2);
    expect(await all(log().subscribe({ signal: AbortSignal.abort() }))).toEqual([]);
  });

  it('ends when the log closes', async () => {
    const ended = all(log().subscribe({ signal: stop.signal }));
    await pause(5);
    await log().close();
    expect(await ended).toEqual([]);
  });
};
