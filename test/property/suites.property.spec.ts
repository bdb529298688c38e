import fc from 'fast-check';
import { FAMILY_NAMES, GENERATORS } from '#corpus/domain/families.js';
import { decodeSequences, encodeSequences } from '#corpus/domain/plsq.js';
import { Rng } from '#corpus/domain/random.js';
import { drawShadowBlocks, drawUnits, type ShadowDefinition } from '#suite/domain/draw.js';
import type { Unit } from '#suite/domain/items.js';

const definition: ShadowDefinition = {
  generators: GENERATORS,
  runSeed: '1',
  families: FAMILY_NAMES.slice(0, 4),
  sequence: 64,
};

describe('drawn items', () => {
  it('of fewer blocks are the beginning of more', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 }), (seed, few, more) => {
        const short = drawShadowBlocks(definition, seed, few);
        const long = drawShadowBlocks(definition, seed, few + more);
        expect(decodeSequences(long.sequences).slice(0, few * 4)).toEqual(decodeSequences(short.sequences));
        expect(long.units.slice(0, few)).toEqual(short.units);
      }),
      { numRuns: 40 },
    );
  });

  it('of a pool are distinct units with their own sequences, fewer being the beginning of more', () => {
    const pools = fc.integer({ min: 2, max: 12 }).map((documents) => {
      const rng = Rng.from('pool', documents);
      const bytes = (): Uint8Array => Uint8Array.from({ length: 64 }, () => rng.below(256));
      const sequences = Array.from({ length: documents * 2 }, () => ({
        tokens: bytes(),
        targets: bytes(),
        mask: bytes(),
      }));
      const units = Array.from({ length: documents }, (_, at): Unit => ({
        id: `d${at}`,
        kind: 'document',
        domain: 'x',
        sequences: [at, at + documents],
      }));
      return { sequences: encodeSequences(sequences), units };
    });
    fc.assert(
      fc.property(pools, fc.string(), fc.nat(11), (pool, seed, few) => {
        const n = Math.min(few + 1, pool.units.length);
        const all = drawUnits(pool, seed, pool.units.length);
        const some = drawUnits(pool, seed, n);
        expect(all.units.slice(0, n)).toEqual(some.units);
        expect(new Set(all.units.map(({ id }) => id)).size).toBe(pool.units.length);
        const [sealed, drawn] = [decodeSequences(pool.sequences), decodeSequences(some.sequences)];
        for (const unit of some.units) {
          const original = pool.units.find(({ id }) => id === unit.id);
          expect(unit.sequences.map((at) => drawn[at])).toEqual(original?.sequences.map((at) => sealed[at]));
        }
      }),
      { numRuns: 40 },
    );
  });
});
