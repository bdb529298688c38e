import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  END,
  eventTypeFilter,
  PARK,
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  RETRY,
  SKIP,
  START,
  STOP,
  type EventStoreDBClient,
  type PersistentAction,
  type PersistentSubscriptionToStream,
} from '@eventstore/db-client';
import type { Identity } from '#doors/allow.js';
import { GroupFile, GroupsUnreadable } from '#store/group-file.js';
import { CERTIFICATE_FILE, TEST_TLS } from './certificate.js';
import { ServedGateway } from './served-gateway.js';
import { range, told } from './told.js';

let served: ServedGateway;
let client: EventStoreDBClient;
beforeEach(async () => {
  served = await ServedGateway.start();
  client = served.client();
});
afterEach(() => served.stop());

const append = (stream: string, count: number, type?: string) => client.appendToStream(stream, told(count, type));
const settings = (changes: Parameters<typeof persistentSubscriptionToStreamSettingsFromDefaults>[0] = {}) =>
  persistentSubscriptionToStreamSettingsFromDefaults({ startFrom: START, ...changes });

type Seen = { revision: number; retries: number };
type Does = (seen: Seen, all: readonly Seen[]) => PersistentAction | 'ack' | 'nothing' | 'leave';

/** Takes events of a group and does with each what it is told; resolves when it is to leave. */
const consume = async (subscription: PersistentSubscriptionToStream, does: Does): Promise<readonly Seen[]> => {
  const seen: Seen[] = [];
  for await (const resolved of subscription) {
    const one = { revision: Number(resolved.event?.revision), retries: resolved.retryCount };
    seen.push(one);
    const what = does(one, seen);
    if (what === 'leave') break;
    if (what === 'ack') await subscription.ack(resolved);
    else if (what !== 'nothing') await subscription.nack(what, 'as it is told', resolved);
  }
  await subscription.unsubscribe();
  return seen;
};
const upTo =
  (last: number): Does =>
  ({ revision }) =>
    revision === last ? 'leave' : 'ack';

/** Waits until the group is said to be so. */
const until = async (is: (parked: bigint, consumers: number) => boolean): Promise<void> => {
  for (;;) {
    const { stats, connections } = await client.getPersistentSubscriptionToStreamInfo('ext-a', 'g');
    if (is(stats.parkedMessageCount, connections.length)) return;
    await pause(10);
  }
};

describe('a group of consumers', () => {
  it('gives every event to one of them', async () => {
    await client.createPersistentSubscriptionToStream('ext-a', 'g', settings());
    const seen: number[] = [];
    const one = client.subscribeToPersistentSubscriptionToStream('ext-a', 'g', { bufferSize: 4 });
    const other = client.subscribeToPersistentSubscriptionToStream('ext-a', 'g', { bufferSize: 4 });
    const counts = [0, 0];
    const taking = [one, other].map(async (subscription, at) => {
      for await (const resolved of subscription) {
        counts[at] = (counts[at] ?? 0) + 1;
        await subscription.ack(resolved);
        if (seen.push(Number(resolved.event?.revision)) === 60)
          await Promise.all([one.unsubscribe(), other.unsubscribe()]);
        if (seen.length === 60) break;
      }
    });
    await until((_, consumers) => consumers === 2);
    for (let each = 0; each < 6; each += 1) await append('ext-a', 10);
    await Promise.race(taking);
    expect(seen.toSorted((a, b) => a - b)).toEqual(range(0, 59));
    expect(Math.min(...counts)).toBeGreaterThan(10);
  });

  it.each<[string, Parameters<typeof settings>[0], readonly number[]]>([
    ['the start', { startFrom: START }, [0, 1, 2, 3, 4, 5]],
    ['a revision', { startFrom: 2n }, [2, 3, 4, 5]],
    ['the end', { startFrom: END }, [4, 5]],
  ])('begins at %s', async (_, changes, expected) => {
    await append('ext-a', 4);
    await append('ext-ab', 4);
    await client.createPersistentSubscriptionToStream('ext-a', 'g', settings(changes));
    await append('ext-a', 2);
    const subscription = client.subscribeToPersistentSubscriptionToStream('ext-a', 'g');
    expect((await consume(subscription, upTo(5))).map(({ revision }) => revision)).toEqual(expected);
  });

  it('sends an event again that is to be tried again, and sets it aside after so many tries', async () => {
    await append('ext-a', 3);
    await client.createPersistentSubscriptionToStream('ext-a', 'g', settings({ maxRetryCount: 2 }));
    const subscription = client.subscribeToPersistentSubscriptionToStream('ext-a', 'g', { bufferSize: 1 });
    const seen = await consume(subscription, ({ revision }) =>
      revision === 1 ? RETRY : revision === 2 ? 'leave' : 'ack',
    );
    expect(seen).toEqual([
      { revision: 0, retries: 0 },
      { revision: 1, retries: 0 },
      { revision: 1, retries: 1 },
      { revision: 1, retries: 2 },
      { revision: 2, retries: 0 },
    ]);
    await until((parked) => parked === 1n);
  });

  it('sets aside, skips, and lets go who asks for it', async () => {
    await append('ext-a', 3);
    await client.createPersistentSubscriptionToStream('ext-a', 'g', settings());
    const subscription = client.subscribeToPersistentSubscriptionToStream('ext-a', 'g', { bufferSize: 1 });
    const does: Does = ({ revision }) => [PARK, SKIP, STOP][revision] as PersistentAction;
    await expect(consume(subscription, does)).rejects.toMatchObject({ type: 'persistent-subscription-dropped' });
    await until((parked, consumers) => parked === 1n && consumers === 0);
    const next = client.subscribeToPersistentSubscriptionToStream('ext-a', 'g');
    expect(await consume(next, upTo(2))).toEqual([{ revision: 2, retries: 0 }]);
  });

  it('gives to others what one who left, or who is silent, has not done', async () => {
    await append('ext-a', 4);
    await client.createPersistentSubscriptionToStream('ext-a', 'g', settings({ messageTimeout: 150 }));
    const first = client.subscribeToPersistentSubscriptionToStream('ext-a', 'g', { bufferSize: 2 });
    await consume(first, ({ revision }) => (revision === 1 ? 'leave' : 'nothing'));
    await until((_, consumers) => consumers === 0);
    const silent = client.subscribeToPersistentSubscriptionToStream('ext-a', 'g', { bufferSize: 1 });
    const second = client.subscribeToPersistentSubscriptionToStream('ext-a', 'g', { bufferSize: 1 });
    let heard = 0;
    silent.on('data', () => (heard += 1));
    const done = new Set<number>();
    await consume(second, ({ revision }) => (done.add(revision).size === 4 ? 'leave' : 'ack'));
    expect([...done].toSorted()).toEqual([0, 1, 2, 3]);
    expect(heard).toBeGreaterThan(0);
    await silent.unsubscribe();
  });

  it('goes on after a restart with the first event that was not done', async () => {
    await append('ext-a', 6);
    await client.createPersistentSubscriptionToStream('ext-a', 'g', settings());
    const subscription = client.subscribeToPersistentSubscriptionToStream('ext-a', 'g', { bufferSize: 10 });
    const before = consume(subscription, ({ revision }) => ([0, 1, 4].includes(revision) ? 'ack' : 'nothing'));
    const ended = expect(before).rejects.toMatchObject({ type: 'cancelled' });
    for (;;) {
      const { connections } = await client.getPersistentSubscriptionToStreamInfo('ext-a', 'g');
      if (connections[0]?.totalItems === 6n && connections[0].inFlightMessages === 3) break;
      await pause(10);
    }
    await served.restart();
    await ended;
    const after = client.subscribeToPersistentSubscriptionToStream('ext-a', 'g');
    expect((await consume(after, upTo(5))).map(({ revision }) => revision)).toEqual([2, 3, 4, 5]);
  });

  it('gives one consumer all that it can take where that is asked for, and knows no third way', async () => {
    const create = (consumerStrategyName: string) =>
      client.createPersistentSubscriptionToStream('ext-a', 'g', settings({ consumerStrategyName }));
    await expect(create('Pinned')).rejects.toThrow(/strategy/);
    await create('DispatchToSingle');
    const first = client.subscribeToPersistentSubscriptionToStream('ext-a', 'g', { bufferSize: 6 });
    const waiting = client.subscribeToPersistentSubscriptionToStream('ext-a', 'g', { bufferSize: 6 });
    await until((_, consumers) => consumers === 2);
    await append('ext-a', 6);
    await consume(first, ({ revision }) => (revision === 5 ? 'leave' : 'nothing'));
    expect(await consume(waiting, upTo(5))).toHaveLength(6);
  });

  it('is not made up where its book cannot be read', async () => {
    const path = join(served.folder, 'groups.json');
    await writeFile(path, '[{"stream":"ext-a"}]');
    await expect(new GroupFile(path).load()).rejects.toThrow(GroupsUnreadable);
    await writeFile(path, '[{');
    await expect(new GroupFile(path).load()).rejects.toThrow(/groups\.json is not as it was written/);
  });

  it('is one of its name, has as many consumers as it may, and ends for all when it is deleted', async () => {
    const create = () => client.createPersistentSubscriptionToStream('ext-a', 'g', settings({ maxSubscriberCount: 1 }));
    await create();
    await expect(create()).rejects.toMatchObject({ type: 'persistent-subscription-exists' });
    const first = consume(client.subscribeToPersistentSubscriptionToStream('ext-a', 'g'), () => 'ack');
    const dropped = expect(first).rejects.toMatchObject({ type: 'persistent-subscription-dropped' });
    await until((_, consumers) => consumers === 1);
    const second = consume(client.subscribeToPersistentSubscriptionToStream('ext-a', 'g'), () => 'ack');
    await expect(second).rejects.toMatchObject({ type: 'maximum-subscribers-reached' });
    await client.deletePersistentSubscriptionToStream('ext-a', 'g');
    await dropped;
    const none = { type: 'persistent-subscription-does-not-exist' };
    await expect(client.deletePersistentSubscriptionToStream('ext-a', 'g')).rejects.toMatchObject(none);
    await expect(client.getPersistentSubscriptionToStreamInfo('ext-a', 'g')).rejects.toMatchObject(none);
    const third = consume(client.subscribeToPersistentSubscriptionToStream('ext-a', 'g'), () => 'ack');
    await expect(third).rejects.toMatchObject(none);
  });
});

it('a group on everything takes what its filter lets pass', async () => {
  await append('ext-a', 3, 'Told');
  await append('ext-b', 3, 'Asked');
  const all = persistentSubscriptionToAllSettingsFromDefaults({ startFrom: { commit: 2n, prepare: 2n } });
  const filter = eventTypeFilter({ prefixes: ['Ask'] });
  await client.createPersistentSubscriptionToAll('asked', all, { filter });
  await client.createPersistentSubscriptionToAll('every', all);
  const places = async (group: string): Promise<readonly number[]> => {
    const seen: number[] = [];
    const subscription = client.subscribeToPersistentSubscriptionToAll(group);
    for await (const resolved of subscription) {
      await subscription.ack(resolved);
      if (seen.push(Number(resolved.event?.position?.commit)) && seen.at(-1) === 6) break;
    }
    await subscription.unsubscribe();
    return seen;
  };
  expect(await places('asked')).toEqual([4, 5, 6]);
  expect(await places('every')).toEqual([2, 3, 4, 5, 6]);
  const { settings: told, eventSource } = await client.getPersistentSubscriptionToAllInfo('every');
  expect(told).toMatchObject({ startFrom: { commit: 2n }, maxRetryCount: 10 });
  expect(eventSource).toBe('$all');
});

it('a group is made by an operator and used by a trainer', async () => {
  await served.stop();
  const known: Readonly<{ [token: string]: Identity }> = {
    o: { id: 'olga', roles: ['operator', 'viewer'] },
    t: { id: 'tom', roles: ['trainer'] },
    n: { id: 'nobody', roles: [] },
  };
  const admit = async (token = ''): Promise<Identity> => known[token] ?? { id: '', roles: [] };
  served = await ServedGateway.start({ tls: TEST_TLS, admit });
  const as = (who: string) => served.client(`tlsCAFile=${encodeURIComponent(CERTIFICATE_FILE)}`, `a:${who}@`);
  client = as('o');
  const denied = { type: 'access-denied' };
  await expect(as('t').createPersistentSubscriptionToStream('ext-a', 'g', settings())).rejects.toMatchObject(denied);
  await client.createPersistentSubscriptionToStream('ext-a', 'g', settings());
  await append('ext-a', 1);
  expect(await consume(as('t').subscribeToPersistentSubscriptionToStream('ext-a', 'g'), upTo(0))).toHaveLength(1);
  const refused = consume(as('n').subscribeToPersistentSubscriptionToStream('ext-a', 'g'), upTo(0));
  await expect(refused).rejects.toMatchObject(denied);
});
