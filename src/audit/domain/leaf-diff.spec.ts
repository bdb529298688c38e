import fc from 'fast-check';
import { diffLeaves } from './leaf-diff.js';

const HASH_BYTES = 32;

/** Leaves whose first bytes are the given numbers. */
const leaves = (...numbers: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(numbers.length * HASH_BYTES);
  numbers.forEach((number, at) => new DataView(bytes.buffer).setUint32(at * HASH_BYTES, number));
  return bytes;
};

const sealed = leaves(1, 2, 3, 4, 5, 6);

describe('leaves since they were sealed', () => {
  it('have not changed when later ones were added', () => {
    expect(diffLeaves(sealed, leaves(1, 2, 3, 4, 5, 6, 7))).toEqual([]);
    expect(diffLeaves(leaves(), leaves(1))).toEqual([]);
  });

  it.each([
    ['a changed one', [1, 2, 9, 4, 5, 6], [{ kind: 'byte change', at: 2, count: 1 }]],
    ['a changed last one', [1, 2, 3, 4, 5, 9], [{ kind: 'byte change', at: 5, count: 1 }]],
    ['a removed one', [1, 2, 4, 5, 6], [{ kind: 'gap', at: 2, count: 1 }]],
    ['two removed ones side by side', [1, 4, 5, 6], [{ kind: 'gap', at: 1, count: 2 }]],
    [
      'two removed ones apart',
      [1, 3, 5, 6],
      [
        { kind: 'gap', at: 1, count: 1 },
        { kind: 'gap', at: 2, count: 1 },
      ],
    ],
    ['an added one', [1, 2, 9, 3, 4, 5, 6], [{ kind: 'insertion', at: 2, count: 1 }]],
    ['two added ones', [9, 8, 1, 2, 3, 4, 5, 6], [{ kind: 'insertion', at: 0, count: 2 }]],
    ['a swap', [1, 5, 3, 4, 2, 6], [{ kind: 'order swap', at: 1, count: 2, last: 4 }]],
    ['one moved forward', [1, 5, 2, 3, 4, 6], [{ kind: 'order swap', at: 1, count: 4, last: 4 }]],
    [
      'two swaps apart',
      [2, 1, 3, 4, 6, 5],
      [
        { kind: 'order swap', at: 0, count: 2, last: 1 },
        { kind: 'order swap', at: 4, count: 2, last: 5 },
      ],
    ],
    ['a cut tail', [1, 2, 3], [{ kind: 'truncation', at: 3, count: 3 }]],
    ['nothing left', [], [{ kind: 'truncation', at: 0, count: 6 }]],
  ])('show %s', (_, actual, changes) => {
    expect(diffLeaves(sealed, leaves(...actual))).toEqual(changes);
  });

  it('differ first where the first difference is, whatever was done to them', () => {
    const records = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 20 });
    fc.assert(
      fc.property(records, records, (before, now) => {
        const changes = diffLeaves(leaves(...before), leaves(...now));
        const first = before.findIndex((number, at) => now[at] !== number);
        expect(changes[0]?.at ?? -1).toBe(first);
      }),
    );
  });
});
