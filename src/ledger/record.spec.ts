import { describe, expect, it } from '@jest/globals';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { canonicalJson, MalformedRecord, NotCanonical, parseRecord, recordBytes, type Record } from './record.js';

const record: Record = {
  id: '00000000-0000-4000-8000-000000000001',
  stream: 'run-é',
  revision: 3,
  type: 'Happened',
  version: 1,
  recordedAt: '2025-01-02T03:04:05.678Z',
  actor: { kind: 'service', id: 'test', build: 'abc' },
  causationId: '00000000-0000-4000-8000-000000000001',
  correlationId: '00000000-0000-4000-8000-000000000001',
  data: { nats: 1e21, list: [0, -0, 1e-7], text: 'line\n"quoted"', 10: true, 9: null },
};

const CANONICAL =
  '{"actor":{"build":"abc","id":"test","kind":"service"},"causationId":"00000000-0000-4000-8000-000000000001",' +
  '"correlationId":"00000000-0000-4000-8000-000000000001","data":{"10":true,"9":null,"list":[0,0,1e-7],"nats":1e+21,' +
  '"text":"line\\n\\"quoted\\""},"id":"00000000-0000-4000-8000-000000000001","recordedAt":"2025-01-02T03:04:05.678Z",' +
  '"revision":3,"stream":"run-é","type":"Happened","version":1}';

const jsonValue = fc.jsonValue({ stringUnit: 'grapheme', maxDepth: 5 });
const integerLikeKeys = fc.dictionary(fc.oneof(fc.nat().map(String), fc.string({ unit: 'grapheme' })), jsonValue);

describe('canonical JSON', () => {
  it('is that of the reference library of RFC 8785', () => {
    fc.assert(fc.property(jsonValue, (value) => expect(canonicalJson(value)).toBe(canonicalize(value))));
    fc.assert(fc.property(integerLikeKeys, (value) => expect(canonicalJson(value)).toBe(canonicalize(value))));
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) =>
        expect(canonicalJson(value)).toBe(canonicalize(value)),
      ),
    );
  });

  it('does not depend on the order in which keys were written, and reads back as the same value', () => {
    fc.assert(
      fc.property(integerLikeKeys, (value) => {
        const reversed = Object.fromEntries(Object.entries(value).toReversed());
        expect(canonicalJson(reversed)).toBe(canonicalJson(value));
        expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value));
      }),
    );
  });

  it('orders keys by UTF-16 code units, as in section 3.2.3 of RFC 8785', () => {
    const keys = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6'];
    const sorted = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33'];
    const text = canonicalJson(Object.fromEntries(keys.map((key) => [key, 0])));
    expect(text).toBe(`{${sorted.map((key) => `${JSON.stringify(key)}:0`).join(',')}}`);
  });

  it('leaves out what is undefined in an object', () => {
    expect(canonicalJson({ b: undefined, a: 1 })).toBe('{"a":1}');
  });

  const holed: number[] = [];
  holed[2] = 1;
  it.each([
    ['NaN', { a: NaN }, '$.a'],
    ['infinity', { a: [0, -Infinity] }, '$.a[1]'],
    ['a lone surrogate', { a: '\ud800' }, '$.a'],
    ['a key with a lone surrogate', { '\udc00': 1 }, '$'],
    ['undefined in a list', { a: [undefined] }, '$.a[0]'],
    ['a hole in a list', { a: holed }, '$.a[0]'],
    ['a big integer', { a: 1n }, '$.a'],
    ['a date', { a: new Date(0) }, '$.a'],
    ['a map', { a: new Map() }, '$.a'],
    ['a function', { a: () => 1 }, '$.a'],
    ['bytes', { a: new Uint8Array(1) }, '$.a'],
  ])('refuses %s and says where', (_, value, path) => {
    expect(() => canonicalJson(value)).toThrow(NotCanonical);
    expect(() => canonicalJson(value)).toThrow(`${path}: `);
  });
});

describe('the bytes of a record', () => {
  it('are these', () => {
    expect(Buffer.from(recordBytes(record)).toString()).toBe(CANONICAL);
    expect(canonicalJson(parseRecord(recordBytes(record)))).toBe(CANONICAL);
  });

  it('keep any data, also under the key "__proto__"', () => {
    fc.assert(
      fc.property(integerLikeKeys, (data) => {
        // Through JSON once, since it has no negative zero.
        const whole = JSON.parse(JSON.stringify({ ...record, data: { ...data, ['__proto__']: 1 } })) as Record;
        expect(parseRecord(recordBytes(whole))).toEqual(whole);
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    ['another order of keys', CANONICAL.replace('"revision":3,"stream":"run-é"', '"stream":"run-é","revision":3')],
    ['white space', CANONICAL.replace(',', ', ')],
    ['a byte order mark', `\ufeff${CANONICAL}`],
    ['another writing of a number', CANONICAL.replace('1e+21', '1000000000000000000000')],
    ['an escape that is not needed', CANONICAL.replace('é', '\\u00e9')],
    ['a key that stands twice', CANONICAL.replace('"revision":3', '"revision":2,"revision":3')],
    ['a tail', `${CANONICAL}\n`],
  ])('are refused with %s', (_, text) => {
    expect(text).not.toBe(CANONICAL);
    expect(() => parseRecord(Buffer.from(text))).toThrow();
  });

  it('are refused when they are not UTF-8', () => {
    expect(() => parseRecord(Buffer.from(CANONICAL, 'latin1'))).toThrow();
  });

  it.each([
    ['id', { id: '1' }],
    ['stream', { stream: '' }],
    ['revision', { revision: -1 }],
    ['version', { version: 0 }],
    ['recordedAt', { recordedAt: '2025-01-02' }],
    ['actor', { actor: { kind: 'robot', id: 'x', build: '' } }],
    ['data', { data: [] }],
  ])('are refused when the %s is none', (field, wrong) => {
    const bad = { ...record, ...wrong } as unknown as Record;
    expect(() => recordBytes(bad)).toThrow(MalformedRecord);
    expect(() => recordBytes(bad)).toThrow(field);
    expect(() => parseRecord(Buffer.from(canonicalJson(bad)))).toThrow(MalformedRecord);
  });
});
