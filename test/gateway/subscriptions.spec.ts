import { setTimeout as pause } from 'node:timers/promises';
import {
  END,
  eventTypeFilter,
  excludeSystemEvents,
  jsonEvent,
  START,
  streamNameFilter,
  type AllStreamSubscription,
  type EventStoreDBClient,
  type Position,
  type ResolvedEvent,
} from '@eventstore/db-client';
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
const at = (place: number): Position => ({ commit: BigInt(place), prepare: BigInt(place) });

type Subscription = AllStreamSubscription | ReturnType<EventStoreDBClient['subscribeToStream']>;

/** So many events of a subscription, which is left then. */
const take = async (subscription: Subscription, count: number): Promise<readonly ResolvedEvent[]> => {
  const list: ResolvedEvent[] = [];
  for await (const event of subscription) if (list.push(event as ResolvedEvent) === count) break;
  await subscription.unsubscribe();
  return list;
};
const places = (events: readonly ResolvedEvent[]) => events.map(({ event }) => Number(event?.position?.commit));
const revisionsOf = (events: readonly ResolvedEvent[]) => events.map(({ event }) => Number(event?.revision));
const confirmed = (subscription: Subscription) =>
  new Promise<void>((resolve) => void (subscription as AllStreamSubscription).once('confirmation', resolve));

describe('a subscription to everything', () => {
  it('catches up, says so, and follows', async () => {
    await append('ext-a', 300);
    const subscription = client.subscribeToAll({ fromPosition: START });
    let caughtUp = 0;
    subscription.on('caughtUp', () => (caughtUp += 1));
    const taken = take(subscription, 320);
    for (let each = 0; each < 20; each += 1) await append(`ext-${each}`, 1);
    expect(places(await taken)).toEqual(range(1, 320));
    expect(caughtUp).toBe(1);
  });

  it('begins after the place that is given, or with what comes', async () => {
    await append('ext-a', 5);
    expect(places(await take(client.subscribeToAll({ fromPosition: at(3) }), 2))).toEqual([4, 5]);
    const late = client.subscribeToAll({ fromPosition: END });
    const taken = take(late, 2);
    await confirmed(late);
    await append('ext-a', 2);
    expect(places(await taken)).toEqual([6, 7]);
  });

  it.each([
    ['by the beginning of a stream', streamNameFilter({ prefixes: ['ext-b', 'ext-c'] }), [3, 4, 5, 6]],
    ['by a pattern of a stream', streamNameFilter({ regex: '^ext-[ac]$' }), [1, 2, 5, 6]],
    ['by the beginning of a type', eventTypeFilter({ prefixes: ['Asked'] }), [2, 4, 6]],
    ['by a pattern of a type', eventTypeFilter({ regex: '^T.ld$' }), [1, 3, 5]],
    ['without system events', excludeSystemEvents(), [1, 2, 3, 4, 5, 6]],
  ])('passes what its filter lets pass: %s', async (_, filter, expected) => {
    for (const stream of ['ext-a', 'ext-b', 'ext-c']) {
      await append(stream, 1, 'Told');
      await append(stream, 1, 'Asked');
    }
    expect(places(await take(client.subscribeToAll({ filter }), expected.length))).toEqual(expected);
  });

  it('tells its place after every so many events that were looked at, and goes on from there', async () => {
    const reached: number[] = [];
    const filter = eventTypeFilter({
      prefixes: ['Rare'],
      maxSearchWindow: 10,
      checkpointInterval: 2,
      checkpointReached: async (_subscription, { commit }) => void reached.push(Number(commit)),
    });
    await append('ext-a', 90);
    const taken = take(client.subscribeToAll({ filter }), 1);
    await append('ext-a', 1, 'Rare');
    expect(places(await taken)).toEqual([91]);
    expect(reached).toEqual([20, 40, 60, 80]);
    const after = eventTypeFilter({ prefixes: ['Rare'] });
    expect(places(await take(client.subscribeToAll({ filter: after, fromPosition: at(80) }), 1))).toEqual([91]);
  });

  it.each(['(', 'x'.repeat(1001), '^ext-(a+)+$', '(a|a)*b', 'a*b*c*d*', '(a)\\1', 'a?'.repeat(17)])(
    'refuses a pattern that cannot be read or may take for ever: %#',
    async (regex) => {
      await append(`ext-${'a'.repeat(60)}!`, 1);
      const refused = take(client.subscribeToAll({ filter: streamNameFilter({ regex }) }), 1);
      await expect(refused).rejects.toThrow(/^3 INVALID_ARGUMENT: filter: /);
    },
  );

  it.each(['^[^$].*', '[+*)+]{0,1}', '^(?:ext|run)-[a-z]+!?$', '\\)*-'])('takes the pattern %s', async (regex) => {
    await append('ext-a', 1);
    expect(places(await take(client.subscribeToAll({ filter: streamNameFilter({ regex }) }), 1))).toEqual([1]);
  });

  it('waits for who takes its events slowly, loses nothing for them, and keeps nobody else waiting', async () => {
    const slow = client.subscribeToAll();
    const payload = 'x'.repeat(30_000);
    for (let each = 0; each < 20; each += 1)
      await client.appendToStream(
        'ext-a',
        Array.from({ length: 10 }, () => jsonEvent({ type: 'Told', data: { payload } })),
      );
    expect(places(await take(client.subscribeToAll(), 200))).toEqual(range(1, 200));
    const seen: number[] = [];
    for await (const { event } of slow) {
      if (seen.push(Number(event?.position?.commit)) % 20 === 0) await pause(5);
      if (seen.length === 200) break;
    }
    expect(seen).toEqual(range(1, 200));
  });
});

describe('a subscription to a stream', () => {
  it('follows one that is not there yet, and only that one', async () => {
    const subscription = client.subscribeToStream('ext-a');
    const taken = take(subscription, 3);
    await confirmed(subscription);
    await append('ext-ab', 2);
    await append('ext-a', 3);
    expect(revisionsOf(await taken)).toEqual([0, 1, 2]);
  });

  it('begins after the revision that is given, or with what comes', async () => {
    await append('ext-a', 4);
    expect(revisionsOf(await take(client.subscribeToStream('ext-a', { fromRevision: 1n }), 2))).toEqual([2, 3]);
    const late = client.subscribeToStream('ext-a', { fromRevision: END });
    const taken = take(late, 1);
    await confirmed(late);
    await append('ext-a', 1);
    expect(revisionsOf(await taken)).toEqual([4]);
  });
});

it('ends when the gateway stops; whoever subscribes again from their place misses nothing', async () => {
  await append('ext-a', 5);
  const seen: number[] = [];
  const until = async (count: number): Promise<void> => {
    const fromPosition = seen.length === 0 ? START : at(seen.at(-1) ?? 0);
    for await (const { event } of client.subscribeToAll({ fromPosition }))
      if (seen.push(Number(event?.position?.commit)) === count) return;
  };
  const first = until(1000);
  while (seen.length < 5) await pause(5);
  await Promise.all([served.restart(), expect(first).rejects.toMatchObject({ type: 'cancelled' })]);
  await append('ext-a', 5);
  await until(10);
  expect(seen).toEqual(range(1, 10));
});
