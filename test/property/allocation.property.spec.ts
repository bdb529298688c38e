import fc from 'fast-check';
import { POLICIES, allocate, apportion, initialAllocation, observeScoutLosses } from '#allocation/domain/allocation.js';

const losses = fc.array(fc.array(fc.double({ min: 0, max: 20, noNaN: true }), { minLength: 5, maxLength: 5 }), {
  maxLength: 12,
});
const domains = ['a', 'b', 'c', 'd', 'e'].map((name, at) => ({ name, entropyNats: 0.5 + at }));

describe('allocations', () => {
  it('sum to exactly 1,000,000 and give every domain its exploration share', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...POLICIES),
        losses,
        fc.double({ min: 0.3, max: 1, noNaN: true }),
        (policy, seen, e) => {
          const state = seen.reduce(
            (before, cycle) =>
              observeScoutLosses(
                before,
                Object.fromEntries(domains.map(({ name }, at) => [name, cycle[at] as number])),
              ),
            initialAllocation,
          );
          const { weightsPpm } = allocate(policy, domains, state, e);
          const weights = Object.values(weightsPpm);
          expect(weights.reduce((sum, weight) => sum + weight, 0)).toBe(1_000_000);
          for (const weight of weights) expect(weight).toBeGreaterThanOrEqual(Math.floor((e / 5) * 1_000_000) - 1);
        },
      ),
    );
  });

  it('apportion never moves a share by a whole millionth', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 1e-6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 40 }),
        (shares) => {
          const total = shares.reduce((sum, share) => sum + share, 0);
          const parts = apportion(shares);
          expect(parts.reduce((sum, part) => sum + part, 0)).toBe(1_000_000);
          parts.forEach((part, at) =>
            expect(Math.abs(part - ((shares[at] as number) / total) * 1_000_000)).toBeLessThan(1),
          );
        },
      ),
    );
  });
});
