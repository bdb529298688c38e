import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LogClosed, type Log } from '#ledger/log.js';
import { MalformedRecord, MAX_RECORD_BYTES, NotCanonical, recordBytes, RecordTooLarge } from '#ledger/record.js';
import { all, positions } from './collecting.js';
import { appending, concurrency, idempotency } from './log-appending.contract.js';
import { following, reading } from './log-reading.contract.js';
import { fresh, several } from './proposing.js';

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
