import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import type { Log, Recorded } from '#ledger/log.js';
import { parseRecord } from '#ledger/record.js';
import { all, positions, range, revisions } from './collecting.js';
import { fresh, several } from './proposing.js';

export const reading = (log: () => Log): void => {
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
    (first?.record.data['list'] as number[] | undefined)?.push(2);
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

export const following = (log: () => Log): void => {
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
