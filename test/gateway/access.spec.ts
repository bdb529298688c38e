import { jsonEvent, type EventStoreDBClient } from '@eventstore/db-client';
import type { Identity } from '#doors/allow.js';
import { LogUnreachable, LogUnwritable } from '#ledger/log.js';
import { canonicalJson, recordBytes, type Record } from '#ledger/record.js';
import { EventStoreLog } from '#store/eventstore-log.js';
import { CERTIFICATE_FILE, TEST_TLS } from './certificate.js';
import { ServedGateway } from './served-gateway.js';

const KNOWN: Readonly<{ [token: string]: Identity }> = {
  pl_v: { id: 'vera', roles: ['viewer'] },
  pl_o: { id: 'olga', roles: ['operator', 'viewer'] },
  pl_t: { id: 'tom', roles: ['trainer'] },
};

let served: ServedGateway;
const words = `tlsCAFile=${encodeURIComponent(CERTIFICATE_FILE)}`;
beforeEach(async () => {
  const admit = async (token: string | undefined): Promise<Identity> => {
    const who = KNOWN[token ?? ''];
    if (!who) throw new Error('a token is needed');
    return who;
  };
  served = await ServedGateway.start({ tls: TEST_TLS, admit });
});
afterEach(() => served.stop());

const told = () => [jsonEvent({ type: 'Told', data: {} })];
const read = async (client: EventStoreDBClient, stream: string): Promise<number> => {
  let count = 0;
  for await (const _ of client.readStream(stream)) count += 1;
  return count;
};
const denied = { type: 'access-denied' };

describe('with encryption', () => {
  it('an operator appends and reads, a viewer reads, a trainer does neither', async () => {
    const [olga, vera, tom] = ['o', 'v', 't'].map((letter) => served.client(words, `any:pl_${letter}@`));
    if (!olga || !vera || !tom) throw new Error('three clients are needed');
    await olga.appendToStream('ext-a', told());
    await olga.appendToStream('ext-a', told(), { credentials: { username: 'x', password: 'pl_o' } });
    expect(await read(vera, 'ext-a')).toBe(2);
    await expect(vera.appendToStream('ext-a', told())).rejects.toMatchObject(denied);
    await expect(read(tom, 'ext-a')).rejects.toMatchObject(denied);
    for await (const { record } of served.log.readAll()) expect(record.actor.id).toBe('olga');
  });

  it.each(['', 'any:pl_x@', 'any:%20@'])('nobody is let in who is not known: "%s"', async (who) => {
    const client = served.client(words, who);
    await expect(client.appendToStream('ext-a', told())).rejects.toMatchObject(denied);
    await expect(read(client, 'ext-a')).rejects.toMatchObject(denied);
  });

  it('nobody is heard who trusts another certificate, or speaks in the clear', async () => {
    await expect(read(served.client('tls=true', 'a:pl_o@'), 'ext-a')).rejects.toMatchObject({ type: 'unavailable' });
    await expect(read(served.client('tls=false'), 'ext-a')).rejects.toMatchObject({ type: 'unavailable' });
  });

  it('the log is written by whoever may, and says why where it is not', async () => {
    const open = (who: string) => EventStoreLog.open(`esdb://${who}@localhost:${served.gateway.port}?${words}`);
    const proposed = {
      id: '00000000-0000-4000-8000-000000000001',
      type: 'Happened',
      version: 1,
      recordedAt: '2025-01-02T03:04:05.678Z',
      actor: { kind: 'service', id: 'x', build: 'y' },
      causationId: '00000000-0000-4000-8000-000000000001',
      correlationId: '00000000-0000-4000-8000-000000000001',
      data: {},
    } as const;
    const [writer, looker, stranger] = [open('w:pl_o'), open('l:pl_v'), open('s:pl_x')];
    expect(await writer.append('a', 'no-stream', [proposed])).toMatchObject({ position: 1 });
    expect((await looker.withId(proposed.id))?.position).toBe(1);
    const another = { ...proposed, id: '00000000-0000-4000-8000-000000000002' };
    await expect(looker.append('a', 0, [another])).rejects.toThrow(LogUnwritable);
    await expect(looker.append('a', 0, [another])).rejects.toThrow(/the role operator is needed/);
    await expect(stranger.withId(proposed.id)).rejects.toThrow(LogUnreachable);
    expect(stranger.trouble()).toMatch(/a token is needed; it is tried again, but somebody has to see to it/);
    await Promise.all([writer, looker, stranger].map((log) => log.close()));
  });
});

describe('a record that a client sends as one of ours', () => {
  const record: Record = {
    id: '00000000-0000-4000-8000-000000000009',
    stream: 'run-a',
    revision: 0,
    type: 'Happened',
    version: 1,
    recordedAt: '2025-01-02T03:04:05.678Z',
    actor: { kind: 'service', id: 'x', build: 'y' },
    causationId: '00000000-0000-4000-8000-000000000001',
    correlationId: '00000000-0000-4000-8000-000000000001',
    data: { at: 1 },
  };
  const sorted = (value: object) => JSON.parse(canonicalJson(value)) as { [name: string]: string };
  const event = (changes: object = {}, around: object = {}) =>
    jsonEvent({ id: record.id, type: record.type, data: sorted({ ...record, ...changes }), ...around });

  it('is taken as it is where all of it fits, with its metadata or without', async () => {
    const client = served.client(words, 'any:pl_o@');
    await client.appendToStream('run-a', event(), { expectedRevision: 'no_stream' });
    const next = { ...record, revision: 1, id: '00000000-0000-4000-8000-00000000000a' };
    const { causationId: $causationId, correlationId: $correlationId } = next;
    const metadata = { $causationId, $correlationId };
    await client.appendToStream('run-a', event(next, { id: next.id, metadata }), { expectedRevision: 0n });
    const stored: string[] = [];
    for await (const { bytes } of served.log.readAll()) stored.push(Buffer.from(bytes).toString());
    expect(stored).toEqual([record, next].map((one) => Buffer.from(recordBytes(one)).toString()));
    for await (const { event: shown } of client.readStream('run-a', { maxCount: 1 }))
      expect(shown).toMatchObject({ isJson: true, data: record, metadata: { $causationId, $correlationId } });
  });

  it.each<[string, ReturnType<typeof event>, 'any' | 'no_stream' | bigint, RegExp]>([
    ['names another stream', event({ stream: 'run-b' }), 'no_stream', /its stream is run-b/],
    ['states another revision', event({ revision: 3 }), 'no_stream', /its revision is 3, due is 0/],
    ['has another id', event({}, { id: '00000000-0000-4000-8000-00000000000b' }), 'no_stream', /its id is/],
    ['has another type', event({}, { type: 'Other' }), 'no_stream', /its type is Happened/],
    ['comes with other metadata', event({}, { metadata: { a: 1 } }), 'no_stream', /its metadata is not/],
    ['expects anything', event(), 'any', /the exact revision must be expected/],
  ])('is refused where it %s', async (_, one, expectedRevision, message) => {
    const client = served.client(words, 'any:pl_o@');
    await expect(client.appendToStream('run-a', one, { expectedRevision })).rejects.toThrow(message);
    await expect(read(client, 'run-a')).rejects.toMatchObject({ type: 'stream-not-found' });
  });

  it('is refused where its bytes are not canonical', async () => {
    const client = served.client(words, 'any:pl_o@');
    const { data, ...rest } = record;
    const turned = jsonEvent({
      id: record.id,
      type: record.type,
      data: { ...rest, actor: { ...rest.actor }, data: { at: 1 } },
    });
    await expect(client.appendToStream('run-a', turned, { expectedRevision: 'no_stream' })).rejects.toMatchObject(
      denied,
    );
    expect(data).toEqual({ at: 1 });
  });
});
