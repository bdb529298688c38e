import fc from 'fast-check';
import { canonicalJson, parseRecord } from '#ledger/record.js';
import { readRecord } from './read-entry.js';

const id = '00000000-0000-4000-8000-000000000001';
const envelope = {
  id,
  stream: 'run-a',
  revision: 0,
  type: 'Told',
  version: 1,
  recordedAt: '2025-01-02T03:04:05.678Z',
  actor: { kind: 'service', id: 'test', build: 'test' },
  causationId: id,
  correlationId: id,
};

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const withData = (json: string): Uint8Array =>
  bytes(canonicalJson({ ...envelope, data: {} }).replace('"data":{}', `"data":${json}`));

/** What a reader makes of bytes: the record, or the kind of its refusal. */
const outcome = (read: () => unknown): unknown => {
  try {
    return read();
  } catch (error) {
    return (error as Error).name;
  }
};

const readsAlike = (stored: Uint8Array): void =>
  expect(outcome(() => readRecord(stored).record)).toEqual(outcome(() => parseRecord(stored)));

describe('reading a stored record', () => {
  it('takes canonical bytes and refuses all others, as the kernel does', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), (data) =>
        readsAlike(withData(canonicalJson(data))),
      ),
    );
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => readsAlike(withData(JSON.stringify(data)))),
    );
  });

  it.each([
    ['white space', '{ "a":1}', 'NotCanonical'],
    ['keys in another order', '{"b":1,"a":1}', 'NotCanonical'],
    ['keys in numeric order', '{"9":1,"10":1}', 'NotCanonical'],
    ['a key that stands twice', '{"a":1,"a":1}', 'NotCanonical'],
    ['another spelling of a number', '{"a":1.0}', 'NotCanonical'],
    ['a needless escape', '{"a":"\\u0041"}', 'NotCanonical'],
    ['a lone surrogate', '{"a":"\\ud800"}', 'NotCanonical'],
    ['a number beyond binary64', '{"a":1e999}', 'NotCanonical'],
    ['no object', '[]', 'MalformedRecord'],
    ['no JSON', '{', 'SyntaxError'],
  ])('refuses %s', (_, json, name) => {
    expect(outcome(() => readRecord(withData(json)))).toBe(name);
    readsAlike(withData(json));
  });

  it('reads keys that look like numbers in UTF-16 order', () => {
    expect(readRecord(withData('{"10":1,"9":1}')).record.data).toEqual({ '9': 1, '10': 1 });
  });

  it('refuses bytes that are no UTF-8, and a byte order mark', () => {
    expect(() => readRecord(Uint8Array.of(0xff))).toThrow('not valid for encoding utf-8');
    expect(() => readRecord(Uint8Array.of(0xef, 0xbb, 0xbf, ...withData('{}')))).toThrow(SyntaxError);
  });
});
