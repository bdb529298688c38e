import fc from 'fast-check';
import { idText, IdTable, isSameId, packId, type Id } from './id-table.js';

const idOf = (text: string): Id => {
  const words = new Uint32Array(6);
  return packId(text, words, 2) ? { words, at: 2 } : text;
};

const uuid = fc.oneof(
  fc.uuid(),
  fc.uuid().map((text) => text.toUpperCase()),
  fc.nat(40).map((last) => counted(last)),
);
const counted = (last: number): string => `00000000-0000-4000-8000-${last.toString(16).padStart(12, '0')}`;

/** Of an odd number, modulo 2^32. */
const inverseOf = (odd: number): number => {
  let inverse = odd;
  for (let round = 0; round < 5; round += 1) inverse = Math.imul(inverse, 2 - Math.imul(odd, inverse));
  return inverse;
};

describe('positions by ids', () => {
  it('are those of a map', () => {
    fc.assert(
      fc.property(fc.array(uuid), (texts) => {
        const [table, map] = [new IdTable(), new Map<string, number>()];
        for (const [position, text] of texts.entries()) {
          const id = position % 3 === 0 ? text : idOf(text);
          expect(table.get(id)).toBe(map.get(text));
          if (map.has(text)) continue;
          table.add(id, position);
          map.set(text, position);
        }
        for (const [text, position] of map)
          expect([table.get(idOf(text)), table.get(text)]).toEqual([position, position]);
      }),
    );
  });

  it('are found when there are many, and nothing else is', () => {
    const table = new IdTable();
    const COUNT = 20_000;
    for (let at = 0; at < COUNT; at += 1) table.add(idOf(counted(at)), at);
    for (let at = 0; at < COUNT; at += 1) expect(table.get(idOf(counted(at)))).toBe(at);
    expect(table.get(idOf(counted(COUNT)))).toBeUndefined();
  });

  it('are found where ids were chosen to fall on one place', () => {
    const table = new IdTable();
    const COUNT = 3000;
    // What the first word adds to the mixture the last one takes away.
    const [first, last] = [inverseOf(0x9e3779b1), inverseOf(0x27d4eb2f)];
    const clashing = (at: number): Id => ({
      words: Uint32Array.of(Math.imul(at, first), 0, 0, Math.imul(at, last)),
      at: 0,
    });
    for (let at = 0; at < COUNT; at += 1) table.add(clashing(at), at);
    for (let at = 0; at < COUNT; at += 1) expect(table.get(clashing(at))).toBe(at);
  });

  it('keep an id in capitals apart from the one in small letters', () => {
    const small = '0190a1b2-c3d4-7e5f-8a6b-0123456789ab';
    const table = new IdTable();
    table.add(idOf(small), 1);
    expect(table.get(idOf(small.toUpperCase()))).toBeUndefined();
    expect(isSameId(idOf(small), idOf(small))).toBe(true);
    expect(isSameId(idOf(small), small)).toBe(true);
    expect(isSameId(idOf(small), idOf(small.toUpperCase()))).toBe(false);
  });

  it('give ids back as they were written', () => {
    fc.assert(fc.property(uuid, (text) => expect(idText(idOf(text))).toBe(text)));
  });
});
