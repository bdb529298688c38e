import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { jsonEvent, EventStoreDBClient } from '@eventstore/db-client';
import { LOCAL_RIGHTS } from '#doors/allow.js';
import { Gateway } from '#gateway/gateway.js';
import { LogDamaged, LogUnreachable, LogUnwritable, type Recorded } from '#ledger/log.js';
import { CountedIds } from '#store/counted-ids.js';
import { EventStoreLog } from '#store/eventstore-log.js';
import { StoreAddressInvalid } from '#store/eventstore-place.js';
import { GroupFile } from '#store/group-file.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { SystemClock } from '#store/system-clock.js';
import { all, positions, range } from './collecting.js';
import { fresh, several } from './proposing.js';

let folder = '';
let embedded: LmdbLog;
let gateway: Gateway;
const ids = new CountedIds();
const opened: EventStoreLog[] = [];

const serve = (port = 0): Promise<Gateway> =>
  Gateway.start(
    { host: '127.0.0.1', port },
    { log: embedded, clock: new SystemClock(), ids, book: new GroupFile(join(folder, 'groups.json')) },
    async () => ({
      id: 'away',
      roles: LOCAL_RIGHTS,
    }),
  );
const open = (port = gateway.port): EventStoreLog => {
  const log = EventStoreLog.open(`esdb://127.0.0.1:${port}?tls=false`);
  opened.push(log);
  return log;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'away-'));
  embedded = await LmdbLog.open(folder);
  gateway = await serve();
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((log) => log.close()));
  await gateway.stop();
  await embedded.close();
  await rm(folder, { recursive: true });
});

const restart = async (meanwhile: () => Promise<unknown> = async () => undefined): Promise<void> => {
  const { port } = gateway;
  await gateway.stop();
  await meanwhile();
  gateway = await serve(port);
};

describe('a store that is away for a while', () => {
  it('is said to be away, and to be back; whoever follows goes on where they were', async () => {
    const log = open();
    await log.append('a', 'no-stream', several(3));
    expect(log.trouble()).toBeNull();
    const seen: number[] = [];
    const stop = new AbortController();
    const following = (async () => {
      for await (const { position } of log.subscribe({ signal: stop.signal })) if (seen.push(position) === 8) return;
    })();
    while (seen.length < 3) await pause(5);
    await restart(async () => {
      while (log.trouble() === null) await pause(5);
      expect(log.trouble()).toMatch(/^the event store at esdb:\/\/127\.0\.0\.1:\d+\?tls=false cannot be followed: /);
      await embedded.append('b', 'no-stream', several(2));
    });
    while (log.trouble() !== null) await pause(5);
    await log.append('a', 2, several(3));
    await following;
    expect(seen).toEqual(range(1, 8));
  });

  it('takes appends that were asked for meanwhile, once each and in order', async () => {
    const log = open();
    await log.append('a', 'no-stream', several(1));
    const appended: Promise<unknown>[] = [];
    await restart(async () => {
      for (let revision = 0; revision < 5; revision += 1) appended.push(log.append('a', revision, several(1)));
    });
    await Promise.all(appended);
    expect(await positions(log.readStream('a'))).toEqual(range(1, 6));
    expect(await positions(embedded.readAll())).toEqual(range(1, 6));
  });

  it('has a reading that broke off go on where it broke', async () => {
    const log = open();
    for (let each = 0; each < 6; each += 1)
      await log.append(
        'a',
        'any',
        several(15).map((event) => ({ ...event, data: { text: 'x'.repeat(50_000) } })),
      );
    const seen: number[] = [];
    for await (const { position } of log.readAll()) {
      seen.push(position);
      if (position === 2) await restart();
    }
    expect(seen).toEqual(range(1, 90));
  });

  it('does not double an append whose answer was lost', async () => {
    const log = open();
    await log.append('a', 'no-stream', several(1));
    const events = several(2);
    const { append } = embedded;
    let cut: Promise<void> | undefined;
    // It is kept, and the connection breaks before anybody hears of it.
    embedded.append = async (...words) => {
      const receipt = await append.apply(embedded, words);
      embedded.append = append;
      cut = restart();
      await pause(20);
      return receipt;
    };
    expect(await log.append('a', 0, events)).toEqual({ stream: 'a', revision: 2, position: 3 });
    await cut;
    expect(await positions(embedded.readAll())).toEqual([1, 2, 3]);
  });

  it('that stays away is an error that says so, and none for ever', async () => {
    const log = open();
    await log.append('a', 'no-stream', several(1));
    await restart(async () => {
      await expect(log.append('a', 0, several(1))).rejects.toThrow(LogUnreachable);
      await expect(all(log.readAll())).rejects.toThrow(/cannot be followed/);
      await expect(log.withId(fresh().id)).rejects.toThrow(LogUnreachable);
    });
    while (log.trouble() !== null) await pause(20);
    await log.append('a', 0, several(1));
    expect(await positions(log.readAll())).toEqual([1, 2]);
  });

  it('that was never there is waited for, and its log can be closed', async () => {
    const { port } = gateway;
    await gateway.stop();
    const log = open(port);
    await expect(log.append('a', 'any', several(1))).rejects.toThrow(LogUnreachable);
    gateway = await serve(port);
    while (log.trouble() !== null) await pause(20);
    expect(await log.append('a', 'any', several(1))).toMatchObject({ position: 1 });
    await open(1).close();
  });
});

describe('two writers to one store', () => {
  it('see what the other has written, at once and in the same order', async () => {
    const [one, other] = [open(), open()];
    for (let round = 0; round < 10; round += 1) {
      await one.append('a', round === 0 ? 'no-stream' : 2 * round - 1, several(1));
      await other.append('a', 2 * round, several(1));
      expect(await positions(one.readStream('a'))).toHaveLength(2 * round + 2);
    }
    const seen = async (log: EventStoreLog) => (await all(log.readAll())).map(({ record }: Recorded) => record.id);
    expect(await seen(one)).toEqual(await seen(other));
    const event = fresh();
    expect(await other.append('b', 'any', [event])).toEqual(await one.append('b', 'any', [event]));
  });
});

describe('what other programs write', () => {
  it('is not in the log, and moves none of its positions', async () => {
    const log = open();
    const client = EventStoreDBClient.connectionString(`esdb://127.0.0.1:${gateway.port}?tls=false`);
    await log.append('a', 'no-stream', several(1));
    await client.appendToStream('ext-a', [
      jsonEvent({ type: 'Told', data: {} }),
      jsonEvent({ type: 'Told', data: {} }),
    ]);
    expect(await log.append('a', 0, several(1))).toMatchObject({ position: 2 });
    expect(await positions(log.readAll())).toEqual([1, 2]);
    expect(await positions(log.readAll({ direction: 'backward' }))).toEqual([2, 1]);
    expect(await positions(open().readAll({ from: 2 }))).toEqual([2]);
    await client.dispose();
  });

  it('into a stream of the log is damage that names it', async () => {
    const log = open();
    await log.append('ours', 'no-stream', several(1));
    // A store that checks nothing takes what this one refuses; the gateway shows such an event as it was written.
    const { readAll, subscribe } = embedded;
    const renamed = (recorded: Recorded): Recorded =>
      recorded.record.stream === 'ext-x' ? { ...recorded, record: { ...recorded.record, stream: 'ours' } } : recorded;
    embedded.subscribe = async function* (options) {
      for await (const recorded of subscribe.call(embedded, options)) yield renamed(recorded);
    };
    const late = open();
    const client = EventStoreDBClient.connectionString(`esdb://127.0.0.1:${gateway.port}?tls=false`);
    await client.appendToStream('ext-x', [jsonEvent({ type: 'Told', data: {} })]);
    await expect(all(late.readAll())).rejects.toThrow(LogDamaged);
    await expect(late.append('ours', 0, several(1))).rejects.toThrow(/is not the next record of that stream/);
    expect(late.trouble()).toMatch(/another program has written there/);
    embedded.readAll = readAll;
    await client.dispose();
  });

  it('a store that refuses an append says why', async () => {
    const log = open();
    await expect(log.append('ext-a', 'any', several(1))).rejects.toThrow(LogUnwritable);
  });
});

it.each([
  ['nonsense', /nonsense: .*the form is esdb:/],
  ['esdb://me:secret@host:port?tls=false', /^esdb:\/\/host:port/],
  ['esdb://host:2113?tlsCAFile=/none.pem', /certificate/],
])('refuses the address %s, and shows no password', (address, message) => {
  expect(() => EventStoreLog.open(address)).toThrow(StoreAddressInvalid);
  expect(() => EventStoreLog.open(address)).toThrow(message);
  expect(() => EventStoreLog.open(address)).not.toThrow(/secret/);
});
