import { allocate, apportion, initialAllocation, observeScoutLosses, type AllocationState } from './allocation.js';

const domains = [
  { name: 'sort', entropyNats: 4 },
  { name: 'dyck', entropyNats: 1 },
  { name: 'noise', entropyNats: 1 },
];
const after = (...cycles: readonly Record<string, number>[]): AllocationState =>
  cycles.reduce(observeScoutLosses, initialAllocation);

describe('apportion', () => {
  it('rounds down, then gives what is missing to the largest remainders, the earlier first', () => {
    expect(apportion([1, 1, 1])).toEqual([333_334, 333_333, 333_333]);
    expect(apportion([0.2, 0.3, 0.5])).toEqual([200_000, 300_000, 500_000]);
    expect(apportion([1, 0])).toEqual([1_000_000, 0]);
  });

  it('refuses shares that make no distribution', () => {
    for (const shares of [[], [0, 0], [1, -1], [NaN, 1], [Infinity, 1]])
      expect(() => apportion(shares)).toThrow('needed are finite shares');
  });
});

describe('allocate', () => {
  it('is uniform before anything was seen, and for uniform and frozen whatever was seen', () => {
    const even = { sort: 333_334, dyck: 333_333, noise: 333_333 };
    const seen = after({ sort: 4, dyck: 1, noise: 1 }, { sort: 2, dyck: 1, noise: 1 });
    expect(allocate('learning-progress', domains, initialAllocation).weightsPpm).toEqual(even);
    expect(allocate('uniform', domains, seen)).toEqual({
      policy: 'uniform',
      trains: true,
      weightsPpm: even,
      scores: { sort: 0, dyck: 0, noise: 0 },
    });
    expect(allocate('frozen', domains, seen)).toMatchObject({ trains: false, weightsPpm: even });
  });

  it('follows learning progress, by hand: fast 3, slow 3.75 of losses 4 then 2, over entropy 4', () => {
    const seen = after({ sort: 4, dyck: 1, noise: 1 }, { sort: 2, dyck: 0.5, noise: 1 });
    const { scores, weightsPpm } = allocate('learning-progress', domains, seen);
    // dyck: fast 0.75, slow 0.9375, over entropy 1.
    expect(scores).toEqual({ sort: 0.1875, dyck: 0.1875, noise: 0 });
    expect(weightsPpm).toEqual({ sort: 450_000, dyck: 450_000, noise: 100_000 });
  });

  it('leaves a domain that cannot be learned the exploration share under learning progress, the most under uncertainty', () => {
    const seen = after(
      { sort: 2, dyck: 0.5, noise: 1 },
      { sort: 1.5, dyck: 0.4, noise: 1 },
      { sort: 1, dyck: 0.3, noise: 1 },
    );
    expect(allocate('learning-progress', domains, seen).weightsPpm['noise']).toBe(100_000);
    const { weightsPpm } = allocate('uncertainty', domains, seen);
    expect(Object.values(weightsPpm).every((weight) => weight <= (weightsPpm['noise'] as number))).toBe(true);
  });

  it('refuses too little exploration and losses that are not finite', () => {
    expect(() => allocate('uniform', domains, initialAllocation, 0.1)).toThrow('exploration: 0.1, must be 0.3 to 1');
    expect(() => after({ sort: NaN })).toThrow('scout loss of sort: NaN is not finite');
  });
});
