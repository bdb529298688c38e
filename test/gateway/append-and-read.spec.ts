import {
  ANY,
  BACKWARDS,
  binaryEvent,
  END,
  ErrorType,
  jsonEvent,
  NO_STREAM,
  START,
  STREAM_EXISTS,
  type AppendExpectedRevision,
  EventStoreDBClient,
  type ResolvedEvent,
  type StreamMetadata,
} from '@eventstore/db-client';
import { ServedGateway } from './served-gateway.js';
import { told } from './told.js';

let served: ServedGateway;
let client: EventStoreDBClient;
beforeEach(async () => {
  served = await ServedGateway.start();
  client = served.client();
});
afterEach(() => served.stop());

const all = async (events: AsyncIterable<ResolvedEvent>): Promise<readonly ResolvedEvent[]> => {
  const list: ResolvedEvent[] = [];
  for await (const one of events) list.push(one);
  return list;
};
const revisions = async (events: AsyncIterable<ResolvedEvent>) =>
  (await all(events)).map(({ event }) => Number(event?.revision));
const positions = async (events: AsyncIterable<ResolvedEvent>) =>
  (await all(events)).map(({ commitPosition }) => Number(commitPosition));

/** With credentials of its own an append is a call of its own; without, it shares one call with all others. */
const ways = [
  ['one call an append', { credentials: { username: 'u', password: 'p' } }],
  ['one call for all appends', {}],
] as const;

describe.each(ways)('appending, %s', (_, options) => {
  const append = (
    stream: string,
    events: Parameters<EventStoreDBClient['appendToStream']>[1],
    expectedRevision?: AppendExpectedRevision,
  ) =>
    client.appendToStream(stream, events, { ...options, ...(expectedRevision !== undefined && { expectedRevision }) });

  it('counts revisions from 0 and gives back what was written, with the position of the last event', async () => {
    const events = [
      jsonEvent({ type: 'Told', data: { text: 'é', n: 1.5 }, metadata: { $correlationId: 'x', own: [1] } }),
      binaryEvent({ type: 'Raw', data: new Uint8Array([0, 255, 7]), metadata: new Uint8Array([1, 2]) }),
    ];
    const receipt = await append('ext-a', events, NO_STREAM);
    expect(receipt).toEqual({ success: true, nextExpectedRevision: 1n, position: { commit: 2n, prepare: 2n } });
    const [told, raw] = (await all(client.readStream('ext-a'))).map(({ event }) => event);
    expect(told).toMatchObject({
      streamId: 'ext-a',
      id: events[0]?.id,
      revision: 0n,
      type: 'Told',
      isJson: true,
      data: { text: 'é', n: 1.5 },
      metadata: { $correlationId: 'x', own: [1] },
      position: { commit: 1n, prepare: 1n },
    });
    expect(raw).toMatchObject({ id: events[1]?.id, revision: 1n, type: 'Raw', isJson: false });
    expect([...((raw?.data ?? []) as Uint8Array)]).toEqual([0, 255, 7]);
    expect([...((raw?.metadata ?? []) as Uint8Array)]).toEqual([1, 2]);
    const age = Math.abs(Date.now() - (told?.created.getTime() ?? 0));
    expect(age).toBeLessThan(3_600_000);
  });

  const cases: readonly [state: 'absent' | 'at 1', expected: AppendExpectedRevision, allowed: boolean][] = [
    ['absent', ANY, true],
    ['absent', NO_STREAM, true],
    ['absent', STREAM_EXISTS, false],
    ['absent', 0n, false],
    ['at 1', ANY, true],
    ['at 1', NO_STREAM, false],
    ['at 1', STREAM_EXISTS, true],
    ['at 1', 0n, false],
    ['at 1', 1n, true],
    ['at 1', 2n, false],
  ];
  it.each(cases)('stream %s, expected %s: allowed %s', async (state, expected, allowed) => {
    const actualVersion = state === 'absent' ? 'no_stream' : 1n;
    if (state === 'at 1') await append('ext-a', told(2));
    const outcome = append('ext-a', told(2), expected);
    if (allowed) {
      await expect(outcome).resolves.toMatchObject({ nextExpectedRevision: state === 'absent' ? 1n : 3n });
      return;
    }
    const streamName = 'ext-a';
    await expect(outcome).rejects.toMatchObject({
      type: ErrorType.WRONG_EXPECTED_VERSION,
      streamName,
      expectedVersion: expected,
      actualVersion,
    });
    expect(await positions(client.readAll())).toHaveLength(state === 'absent' ? 0 : 2);
  });

  it.each([ANY, NO_STREAM, STREAM_EXISTS, 0n] as const)(
    'acknowledges the same events again with the first receipt, expecting %s',
    async (expected) => {
      const events = told(3);
      const first = await append('ext-a', events);
      await append('ext-a', told(1));
      expect(await append('ext-a', events, expected)).toEqual(first);
      expect(await Promise.all([append('ext-b', told(1)), append('ext-a', events)])).toMatchObject([{}, first]);
      expect(await revisions(client.readStream('ext-a'))).toEqual([0, 1, 2, 3]);
    },
  );

  it('refuses a known id with other content, in another stream or in part', async () => {
    const [one, two] = told(2);
    if (!one || !two) throw new Error('two events are needed');
    await append('ext-a', [one, two]);
    for (const [stream, events] of [
      ['ext-a', [{ ...one, data: { at: 9 } }]],
      ['ext-b', [one]],
      ['ext-a', [one, ...told(1)]],
    ] as const)
      await expect(append(stream, [...events])).rejects.toThrow(/is in the log already|is new but others/);
    expect(await positions(client.readAll())).toEqual([1, 2]);
  });

  it('lets exactly one of many writers who saw the same revision win', async () => {
    for (let round = 0; round < 3; round += 1) {
      const expected = round === 0 ? NO_STREAM : BigInt(round - 1);
      const results = await Promise.allSettled(Array.from({ length: 12 }, () => append('ext-a', told(1), expected)));
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    }
    expect(await revisions(client.readStream('ext-a'))).toEqual([0, 1, 2]);
  });

  it('takes any name a stream may have', async () => {
    for (const stream of ['ext-é', 'ext-流\u{1f600}', 'ext- with/all:signs', 'ext-\u0000']) {
      await append(stream, told(2));
      expect(await revisions(client.readStream(stream))).toEqual([0, 1]);
      await expect(append(stream, told(1), NO_STREAM)).rejects.toMatchObject({ streamName: stream });
    }
  });

  it('takes 46 KiB in one event, and says how much is too much', async () => {
    const sized = (bytes: number) => binaryEvent({ type: 'Large', data: new Uint8Array(bytes) });
    await append('ext-a', [sized(46 * 1024), sized(46 * 1024)]);
    await expect(append('ext-a', [sized(46 * 1024 + 1)])).rejects.toMatchObject({
      type: ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED,
      maxAppendSize: 46 * 1024,
    });
    await expect(
      append(
        'ext-a',
        Array.from({ length: 24 }, () => sized(45_000)),
      ),
    ).rejects.toMatchObject({
      type: ErrorType.MAXIMUM_APPEND_SIZE_EXCEEDED,
      maxAppendSize: 1024 * 1024,
    });
    expect(await revisions(client.readStream('ext-a'))).toEqual([0, 1]);
  });

  it('appends nothing where there is nothing to append, and says where the stream is', async () => {
    expect(await append('ext-a', [])).toMatchObject({ success: true });
    await append('ext-a', told(3));
    expect(await append('ext-a', [])).toMatchObject({ nextExpectedRevision: 2n });
    await expect(append('ext-a', [], NO_STREAM)).rejects.toMatchObject({ type: ErrorType.WRONG_EXPECTED_VERSION });
    expect(await revisions(client.readStream('ext-a'))).toEqual([0, 1, 2]);
  });
});

describe('reading', () => {
  it('reads a stream from either end, from any revision, up to a count', async () => {
    await client.appendToStream('ext-b', told(1));
    await client.appendToStream('ext-a', told(5));
    const read = (options: Parameters<EventStoreDBClient['readStream']>[1]) =>
      revisions(client.readStream('ext-a', options));
    expect(await read({})).toEqual([0, 1, 2, 3, 4]);
    expect(await read({ fromRevision: 2n })).toEqual([2, 3, 4]);
    expect(await read({ fromRevision: 1n, maxCount: 2 })).toEqual([1, 2]);
    expect(await read({ fromRevision: 9n })).toEqual([]);
    expect(await read({ fromRevision: END })).toEqual([]);
    expect(await read({ direction: BACKWARDS, fromRevision: END })).toEqual([4, 3, 2, 1, 0]);
    expect(await read({ direction: BACKWARDS, fromRevision: 2n })).toEqual([2, 1, 0]);
    expect(await read({ direction: BACKWARDS, fromRevision: 99n, maxCount: 1 })).toEqual([4]);
    expect(await read({ direction: BACKWARDS, fromRevision: START })).toEqual([0]);
    await expect(read({ maxCount: 0 })).resolves.toEqual([]);
  });

  it('says that a stream is not there', async () => {
    await expect(all(client.readStream('ext-流'))).rejects.toMatchObject({
      type: ErrorType.STREAM_NOT_FOUND,
      streamName: 'ext-流',
    });
    expect(await client.getStreamMetadata('ext-absent')).toMatchObject({ streamName: 'ext-absent' });
  });

  it('reads everything: forward from a position, backward from before it', async () => {
    await client.appendToStream('ext-a', told(3));
    await client.appendToStream('ext-b', told(2));
    const at = (place: number) => ({ commit: BigInt(place), prepare: BigInt(place) });
    expect(await positions(client.readAll())).toEqual([1, 2, 3, 4, 5]);
    expect(await positions(client.readAll({ fromPosition: at(3), maxCount: 2 }))).toEqual([3, 4]);
    expect(await positions(client.readAll({ fromPosition: at(9) }))).toEqual([]);
    expect(await positions(client.readAll({ fromPosition: END }))).toEqual([]);
    expect(await positions(client.readAll({ direction: BACKWARDS, fromPosition: END, maxCount: 2 }))).toEqual([5, 4]);
    expect(await positions(client.readAll({ direction: BACKWARDS, fromPosition: at(3) }))).toEqual([2, 1]);
    expect(await positions(client.readAll({ direction: BACKWARDS, fromPosition: at(1) }))).toEqual([]);
    expect(await positions(client.readAll({ direction: BACKWARDS, fromPosition: START }))).toEqual([]);
  });

  it('reads long streams whole and in order, and ends at once when the reader leaves', async () => {
    for (let at = 0; at < 10; at += 1) await client.appendToStream('ext-a', told(120));
    expect(await revisions(client.readStream('ext-a'))).toEqual(Array.from({ length: 1200 }, (_, at) => at));
    for await (const { event } of client.readStream('ext-a')) if (event?.revision === 3n) break;
    const reading = client.readAll();
    await reading.cancel();
    expect(await revisions(client.readStream('ext-a', { maxCount: 1 }))).toEqual([0]);
  });
});

describe('metadata of a stream', () => {
  it('is kept for streams of other programs', async () => {
    await client.setStreamMetadata('ext-a', { owner: 'me', cacheControl: 7 });
    expect(await client.getStreamMetadata('ext-a')).toMatchObject({
      metadata: { owner: 'me', cacheControl: 7 },
    });
    expect(await client.setStreamMetadata('ext-a', { owner: 'you' }, { expectedRevision: 0n })).toMatchObject({
      nextExpectedRevision: 1n,
    });
  });

  it.each<StreamMetadata>([{ maxAge: 1 }, { maxCount: 1 }, { truncateBefore: 1 }, { acl: { readRoles: ['x'] } }])(
    'may not hide what is in the log: %j',
    async (metadata) => {
      await expect(client.setStreamMetadata('ext-a', metadata)).rejects.toMatchObject({
        type: ErrorType.ACCESS_DENIED,
      });
    },
  );
});

it('deletes nothing, and takes nothing for streams that are not for others', async () => {
  await client.appendToStream('ext-a', told(2));
  const denied = { type: ErrorType.ACCESS_DENIED };
  await expect(client.deleteStream('ext-a')).rejects.toMatchObject(denied);
  await expect(client.tombstoneStream('ext-a')).rejects.toMatchObject(denied);
  await expect(client.setStreamMetadata('run-a', { a: 1 })).rejects.toMatchObject(denied);
  for (const stream of ['run-a', '$$run-a', '$et-x', 'other'])
    await expect(client.appendToStream(stream, told(1))).rejects.toMatchObject(denied);
  await expect(client.appendToStream('ext-a', [jsonEvent({ type: '$>', data: {} })])).rejects.toMatchObject(denied);
  expect(await revisions(client.readStream('ext-a'))).toEqual([0, 1]);
});

it('is found as the one member of its cluster', async () => {
  const found = EventStoreDBClient.connectionString(`esdb+discover://localhost:${served.gateway.port}?tls=false`);
  await found.appendToStream('ext-a', told(2));
  expect(await revisions(found.readStream('ext-a'))).toEqual([0, 1]);
  await found.dispose();
});
