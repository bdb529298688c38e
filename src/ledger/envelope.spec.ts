import fc from 'fast-check';
import { isPlainEnvelope } from './envelope.js';
import { recordSchema } from './record.js';

const id = '0190a1b2-c3d4-7e5f-8a6b-0123456789ab';
const envelope = {
  id,
  stream: 'run-a',
  revision: 0,
  type: 'Told',
  version: 1,
  recordedAt: '2025-01-02T03:04:05.678Z',
  actor: { kind: 'service', id: 'test', build: '' },
  causationId: id,
  correlationId: '00000000-0000-4000-8000-000000000001',
  data: { at: 1 },
};

const odd = fc.constantFrom<unknown>(
  undefined,
  null,
  '',
  0,
  -1,
  1.5,
  2 ** 53,
  NaN,
  'x'.repeat(200),
  'x'.repeat(201),
  id.toUpperCase(),
  `${id}\n`,
  `{${id}}`,
  '00000000-0000-0000-0000-000000000000',
  '0190a1b2-c3d4-0e5f-8a6b-0123456789ab',
  '0190a1b2-c3d4-7e5f-ca6b-0123456789ab',
  '2025-02-29T00:00:00.000Z',
  '2024-02-28T23:59:59.999Z',
  '2024-02-28T24:00:00.000Z',
  '2024-02-28T00:00:60.000Z',
  '2024-13-01T00:00:00.000Z',
  '2024-01-01 00:00:00.000Z',
  '2024-01-01T00:00:00.000+00:00',
  [],
  {},
  new Date(0),
  Object.create({ at: 1 }),
  { constructor: 1 },
  { kind: 'service', id: '', build: 'b' },
  { kind: 'nobody', id: 'a', build: 'b' },
  { kind: 'human', id: 'a', build: 1 },
  { kind: 'human', id: 'a', build: 'b', more: 1 },
);
const fields = Object.keys(envelope) as (keyof typeof envelope)[];

describe('the envelope of a record, looked at quickly', () => {
  it('is recognised as nearly all records have it', () => {
    expect(isPlainEnvelope(envelope)).toBe(true);
    expect(isPlainEnvelope(JSON.parse(JSON.stringify(envelope)))).toBe(true);
  });

  it('is never taken where the schema refuses it', () => {
    fc.assert(
      fc.property(fc.constantFrom(...fields, 'more'), fc.oneof(odd, fc.jsonValue()), (field, value) => {
        const changed = { ...envelope, [field]: value };
        if (isPlainEnvelope(changed)) expect(recordSchema.safeParse(changed).success).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(fields)('is refused without its %s', (field) => {
    const { [field]: _, ...rest } = envelope;
    expect(isPlainEnvelope(rest)).toBe(false);
    expect(isPlainEnvelope({ ...rest, more: 1 })).toBe(false);
  });

  it('is refused when it is none at all', () => {
    for (const value of [undefined, null, 1, 'record', [], Object.assign(Object.create({}), envelope)])
      expect(isPlainEnvelope(value)).toBe(false);
  });
});
