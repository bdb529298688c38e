import { setTimeout as pause } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { binaryEvent, jsonEvent, NO_STREAM, type EventStoreDBClient } from '@eventstore/db-client';
import { Log, type Expected, type Receipt, type Recorded } from '#ledger/log.js';
import type { Proposed } from '#ledger/record.js';
import { MemoryLog } from '#store/memory-log.js';
import { rawCall } from './raw-call.js';
import { ServedGateway } from './served-gateway.js';

let served: ServedGateway;
afterEach(() => served.stop());

const READ = '/event_store.client.streams.Streams/Read';
const APPEND = '/event_store.client.streams.Streams/Append';
const BATCH = '/event_store.client.streams.Streams/BatchAppend';

const told = (count = 1) => Array.from({ length: count }, (_, at) => jsonEvent({ type: 'Told', data: { at } }));
const alive = async (client: EventStoreDBClient): Promise<void> => {
  await client.appendToStream(`ext-alive`, told());
  for await (const { event } of client.readStream('ext-alive', { maxCount: 1 })) expect(event?.revision).toBe(0n);
};

describe('what is no request', () => {
  const empty = { read: new streams.ReadReq(), append: new streams.AppendReq(), batch: new streams.BatchAppendReq() };
  const nameless = (): Uint8Array => {
    const options = new streams.AppendReq.Options().setAny(new shared.Empty());
    return new streams.AppendReq().setOptions(options).serializeBinary();
  };
  const unreadable = (): Uint8Array => {
    const name = new shared.StreamIdentifier().setStreamName(new Uint8Array([0xff, 0xfe]));
    const stream = new streams.ReadReq.Options.StreamOptions().setStreamIdentifier(name).setStart(new shared.Empty());
    const options = new streams.ReadReq.Options().setStream(stream).setCount('1').setNoFilter(new shared.Empty());
    return new streams.ReadReq().setOptions(options).serializeBinary();
  };
  const idless = (): Uint8Array => {
    const message = new streams.AppendReq.ProposedMessage().setId(new shared.UUID().setString('no id'));
    message.getMetadataMap().set('type', 'Told').set('content-type', 'application/json');
    return new streams.AppendReq().setProposedMessage(message).serializeBinary();
  };
  const typeless = (): Uint8Array =>
    new streams.AppendReq().setProposedMessage(new streams.AppendReq.ProposedMessage()).serializeBinary();

  it.each<[string, string, Uint8Array, readonly number[]]>([
    ['bytes that are no message, to read', READ, new Uint8Array([0xff, 0x01, 0x02]), [status.INTERNAL]],
    ['bytes that are no message, to append', APPEND, new Uint8Array([0x0a, 0xff]), [status.INTERNAL]],
    ['bytes that are no message, to append many', BATCH, new Uint8Array([0xff, 0xff]), [status.INTERNAL]],
    ['a reading of nothing', READ, empty.read.serializeBinary(), [status.INVALID_ARGUMENT]],
    ['an append to nowhere', APPEND, empty.append.serializeBinary(), [status.INVALID_ARGUMENT]],
    ['an append without a name', BATCH, empty.batch.serializeBinary(), [status.INVALID_ARGUMENT]],
    ['an append to a stream without a name', APPEND, nameless(), [status.INVALID_ARGUMENT]],
    ['a stream whose name is no text', READ, unreadable(), [status.INVALID_ARGUMENT]],
    ['an event whose id is none', APPEND, idless(), [status.INVALID_ARGUMENT]],
    ['an event without a type', APPEND, typeless(), [status.INVALID_ARGUMENT]],
    ['a method that is not served', '/event_store.client.users.Users/Create', new Uint8Array(), [status.UNIMPLEMENTED]],
    ['a message above 4 MiB', APPEND, new Uint8Array(5_000_000), [status.RESOURCE_EXHAUSTED]],
  ])('%s is refused, and the gateway goes on', async (_, path, bytes, allowed) => {
    served = await ServedGateway.start();
    expect(allowed).toContain(await rawCall(served.gateway.port, path, bytes));
    await alive(served.client());
  });
});

/** A log whose next append waits until it is let go. */
class HeldLog extends MemoryLog {
  letGo: () => void = () => undefined;
  private held: Promise<void> | undefined;
  asked = 0;

  hold(): void {
    this.held = new Promise((resolve) => (this.letGo = resolve));
  }

  override async append(stream: string, expected: Expected, events: readonly Proposed[]): Promise<Receipt> {
    this.asked += 1;
    await this.held;
    return super.append(stream, expected, events);
  }
}

const asked = async (log: HeldLog, count: number): Promise<void> => {
  while (log.asked < count) await pause(5);
};

describe.each([
  ['one call an append', { credentials: { username: 'u', password: 'p' } }],
  ['one call for all appends', {}],
])('a gateway that stops, %s', (_, options) => {
  it('tells an append under way that it is unavailable; the same append again is acknowledged', async () => {
    const log = new HeldLog();
    served = await ServedGateway.start({ log });
    const client = served.client();
    const events = Array.from({ length: 20 }, () => binaryEvent({ type: 'Large', data: new Uint8Array(45_000) }));
    log.hold();
    const append = () => client.appendToStream('ext-a', events, { ...options, expectedRevision: NO_STREAM });
    const first = append();
    const ended = expect(first).rejects.toMatchObject({ type: 'unavailable' });
    await asked(log, 1);
    await served.restart(async () => {
      await ended;
      log.letGo();
    });
    expect(await append()).toMatchObject({ nextExpectedRevision: 19n });
    expect(log.head()).toBe(20);
  });
});

it('answers an append at its deadline, and once only', async () => {
  const log = new HeldLog();
  served = await ServedGateway.start({ log });
  const client = served.client();
  await alive(client);
  log.hold();
  await expect(client.appendToStream('ext-a', told(), { deadline: 200 })).rejects.toMatchObject({
    type: 'deadline-exceeded',
  });
  log.letGo();
  // A second answer would make the client throw where nobody catches it.
  await alive(client);
});

/** A log that takes its time to look up the first id that it is asked for. */
class SlowLookup extends MemoryLog {
  private isFirst = false;

  begin(): void {
    this.isFirst = true;
  }

  override async withId(id: string): Promise<Recorded | undefined> {
    const waits = this.isFirst;
    this.isFirst = false;
    if (waits) await pause(100);
    return super.withId(id);
  }
}

it('keeps the order of appends to one stream in one call, and refuses one without harm to the others', async () => {
  const log = new SlowLookup();
  served = await ServedGateway.start({ log });
  const client = served.client();
  // Before the client is connected it keeps no order itself.
  await alive(client);
  log.begin();
  const results = await Promise.allSettled([
    client.appendToStream('ext-a', told(), { expectedRevision: NO_STREAM }),
    client.appendToStream('ext-a', told(), { expectedRevision: NO_STREAM }),
    client.appendToStream('ext-b', told(), { expectedRevision: NO_STREAM }),
    client.appendToStream('ext-a', told(), { expectedRevision: 0n }),
    client.appendToStream('run-a', told()),
  ]);
  expect(results.map(({ status: how }) => how === 'fulfilled')).toEqual([true, false, true, true, false]);
});

/** A log that counts how much of it is being read. */
class CountedLog extends MemoryLog {
  given = 0;
  reading = 0;

  override async *readAll(options?: Parameters<Log['readAll']>[0]): AsyncGenerator<Recorded> {
    this.reading += 1;
    try {
      for await (const recorded of super.readAll(options)) {
        this.given += 1;
        yield recorded;
      }
    } finally {
      this.reading -= 1;
    }
  }
}

it('reads no further than a slow client takes, and stops when it leaves', async () => {
  const log = new CountedLog();
  served = await ServedGateway.start({ log });
  const client = served.client();
  const large = () => jsonEvent({ type: 'Told', data: { text: 'x'.repeat(40_000) } });
  for (let each = 0; each < 40; each += 1) await client.appendToStream('ext-a', Array.from({ length: 20 }, large));
  log.given = 0;
  const reading = client.readAll();
  for await (const { event } of reading) {
    expect(event?.revision).toBe(0n);
    await pause(200);
    break;
  }
  expect(log.given).toBeGreaterThan(0);
  expect(log.given).toBeLessThan(400);
  await reading.cancel();
  while (log.reading > 0) await pause(5);
  await alive(client);
});
