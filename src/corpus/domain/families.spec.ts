import { LN, type Family } from './family.js';
import { FAMILY_NAMES, chooseFamilies, familiesOf, targetsOf } from './families.js';
import { Rng } from './random.js';

const families = familiesOf('7');

/** Share of scored positions that a guess by frequency alone gets right, over many sequences. */
const mostFrequentShare = (family: Family): number => {
  const counts = new Map<number, number>();
  let scored = 0;
  for (let at = 0; at < 300; at += 1) {
    const { targets, mask } = family.generate(Rng.from('chance', family.name).branch(at), 128);
    targets.forEach((target, t) => {
      if (mask[t] !== 1) return;
      scored += 1;
      counts.set(target, (counts.get(target) ?? 0) + 1);
    });
  }
  return Math.max(...counts.values()) / scored;
};

describe('families', () => {
  it('have names and prefix bytes of their own; no prefix occurs in UTF-8', () => {
    expect(new Set(FAMILY_NAMES).size).toBe(9);
    expect(new Set(families.map(({ prefix }) => prefix)).size).toBe(9);
    expect(families.every(({ prefix }) => prefix >= 0xf5 && prefix <= 0xff)).toBe(true);
  });

  it('count seven as targets; the forgetting probe alone asks what training showed', () => {
    expect(targetsOf(families).map(({ name }) => name)).toEqual([
      'recall',
      'selective-copy',
      'periodic-copy',
      'dyck',
      'sort',
      'addition',
      'memorise',
    ]);
    expect(families.filter(({ heldOut }) => !heldOut).map(({ name }) => name)).toEqual(['memorise']);
  });

  it('state chance accuracies that guessing by frequency does not beat by much', () => {
    // Sorted answers and skewed carries are easier to guess by frequency than the uniform guess says.
    const slack: Record<string, number> = { sort: 0.02, addition: 0.03 };
    for (const family of families)
      expect(mostFrequentShare(family)).toBeLessThan(family.chanceAccuracy + (slack[family.name] ?? 0.02));
  });

  it('give memorise a table that the seed of the run decides', () => {
    const bytes = (seed: string): Uint8Array => {
      const [memorise] = chooseFamilies(seed, ['memorise']);
      return (memorise as Family).generate(Rng.from('same'), 128).targets;
    };
    expect(bytes('7')).toEqual(bytes('7'));
    expect(bytes('8')).not.toEqual(bytes('7'));
  });

  it('are chosen by name in the order of the registry', () => {
    expect(chooseFamilies('7', ['sort', 'recall']).map(({ name }) => name)).toEqual(['recall', 'sort']);
    expect(() => chooseFamilies('7', ['sorting'])).toThrow(
      'family "sorting" is unknown; there are recall, selective-copy',
    );
  });

  it('write logarithms out correctly', () => {
    for (const [n, value] of Object.entries(LN)) expect(value).toBeCloseTo(Math.log(Number(n)), 14);
  });
});
