import type { RecordedEvent } from '@eventstore/db-client';
import { LogUnwritable } from '#ledger/log.js';
import { recordBytes, type Record } from '#ledger/record.js';
import { recordIn, StoredNames, toEvent } from './eventstore-records.js';

const record = (data: Record['data'], stream = 'a'): Record => ({
  id: '00000000-0000-4000-8000-000000000001',
  stream,
  revision: 3,
  type: 'Happened',
  version: 1,
  recordedAt: '2025-01-02T03:04:05.678Z',
  actor: { kind: 'service', id: 'x', build: 'y' },
  causationId: '00000000-0000-4000-8000-000000000002',
  correlationId: '00000000-0000-4000-8000-000000000003',
  data,
});
const written = (one: Record) => toEvent({ position: 1, record: one, bytes: recordBytes(one) });

/** As the client gives back what was written: JSON parsed, anything else as bytes. */
const readBack = (one: Record, changes: Partial<RecordedEvent> = {}): RecordedEvent => {
  const { id, type, contentType, data } = written(one);
  const isJson = contentType === 'application/json';
  const came = isJson ? (JSON.parse(JSON.stringify(data)) as object) : data;
  return {
    streamId: one.stream,
    id,
    type,
    revision: 3n,
    isJson,
    data: came,
    created: new Date(0),
    ...changes,
  } as RecordedEvent;
};

it.each<[string, Record['data'], string]>([
  ['plain data', { text: 'é \u0000', list: [1.5, null, { b: 1, a: 2 }] }, 'application/json'],
  ['keys that JavaScript would put in another order', { 10: 1, 9: 2 }, 'application/octet-stream'],
  ['a key that JavaScript knows', { ['__proto__']: 7 }, 'application/json'],
])('gives back the exact bytes of %s', (_, data, contentType) => {
  const one = record(data);
  expect(written(one)).toMatchObject({
    contentType,
    metadata: { $causationId: one.causationId, $correlationId: one.correlationId },
  });
  expect(Buffer.from(recordIn(readBack(one), 'a')?.bytes ?? []).toString()).toBe(
    Buffer.from(recordBytes(one)).toString(),
  );
});

it('takes no event for a record that says something else than what is around it', () => {
  const one = record({});
  expect(recordIn(readBack(one), 'a')).toBeDefined();
  expect(recordIn(readBack(one), 'b')).toBeUndefined();
  for (const changes of [
    { revision: 4n },
    { type: 'Other' },
    { id: '00000000-0000-4000-8000-000000000009' },
    { data: { not: 'a record' } },
    { isJson: false, data: Buffer.from(' {}') },
  ])
    expect(recordIn(readBack(one, changes as Partial<RecordedEvent>), 'a')).toBeUndefined();
});

it('names streams by their prefix, and leaves alone what is not the log\u2019s', () => {
  const names = new StoredNames('one-');
  expect(names.writable('run-a')).toBe('one-run-a');
  expect(names.own('one-run-a')).toBe('run-a');
  for (const stored of ['two-run-a', '$users', '$$one-a', 'one-ext-a', 'one-$a'])
    expect(names.own(stored)).toBeUndefined();
  for (const stream of ['ext-a', '$a']) expect(() => names.writable(stream)).toThrow(LogUnwritable);
  expect(() => new StoredNames('').writable('ext-a')).toThrow(/are not the log/);
});
