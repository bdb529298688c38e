import fc from 'fast-check';
import { idOf, safe, sinceEpochMs, ticksOf, uuidOf } from './wire.js';

it('counts milliseconds as the calendar has them', () => {
  const times = fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59Z'),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(times, (time) => {
      expect(sinceEpochMs(time.toISOString())).toBe(time.getTime());
    }),
  );
  expect(ticksOf('1970-01-01T00:00:01Z')).toBe('10000000');
  expect(ticksOf('2024-02-29T12:00:00.123456Z')).toBe(`${Date.parse('2024-02-29T12:00:00.123Z')}0000`);
});

it('reads ids in either form as the same text', () => {
  fc.assert(
    fc.property(fc.uuid(), (id) => {
      expect(idOf(uuidOf(id))).toBe(id);
      expect(idOf(uuidOf(id, true))).toBe(id);
      expect(uuidOf(id, true).hasStructured()).toBe(true);
    }),
  );
});

it('takes what is beyond exact numbers as the greatest of them', () => {
  expect(safe('18446744073709551615')).toBe(Number.MAX_SAFE_INTEGER);
  expect(safe('9007199254740991')).toBe(9007199254740991);
  expect(safe('0')).toBe(0);
});
