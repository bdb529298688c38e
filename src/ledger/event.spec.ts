import { z } from 'zod';
import { event } from './event.js';

const first = z.strictObject({ name: z.string() });
const Grown = event('Grown', first).next(
  first.extend({ colour: z.string().nullable() }),
  (data) => ({ ...data, colour: null }),
  ({ colour, ...data }) => (colour === null ? data : undefined),
);
const Renamed = Grown.next(z.strictObject({ title: z.string() }), ({ name }) => ({ title: name }));

describe('an event whose shape has grown', () => {
  it('is written in the oldest shape that says all of it, and read back the same', () => {
    for (const [data, stored] of [
      [
        { name: 'a', colour: null },
        { type: 'Grown', version: 1, data: { name: 'a' } },
      ],
      [
        { name: 'a', colour: 'red' },
        { type: 'Grown', version: 2, data: { name: 'a', colour: 'red' } },
      ],
    ] as const) {
      expect(Grown.encode(data)).toEqual(stored);
      expect(Grown.decode(stored).data).toEqual(data);
    }
  });

  it('is written in its latest shape where no way back is given', () =>
    expect(Renamed.encode({ title: 'a' })).toEqual({ type: 'Grown', version: 3, data: { title: 'a' } }));

  it('is refused when it has not its latest shape, whatever an older one allows', () =>
    expect(() => Grown.encode({ name: 'a' })).toThrow('Grown v2: data.colour'));
});
