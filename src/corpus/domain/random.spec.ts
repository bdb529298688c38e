import { hash128 } from './hash128.js';
import { Rng, philox } from './random.js';

const hex = (words: Iterable<number>): string => [...words].map((word) => word.toString(16).padStart(8, '0')).join(' ');

describe('hash128', () => {
  it('is MurmurHash3_x86_128: the verification value of its author', () => {
    const hashes = Array.from({ length: 256 }, (_, length) =>
      hash128(
        Uint8Array.from({ length }, (_, at) => at),
        256 - length,
      ),
    );
    const bytes = new Uint8Array(new Uint32Array(hashes.flat()).buffer);
    expect(hash128(bytes)[0].toString(16)).toBe('b3ece62a');
  });
});

describe('philox', () => {
  it.each([
    [[0, 0, 0, 0], [0, 0], '6627e8d5 e169c58d bc57ac4c 9b00dbd8'],
    [[-1 >>> 0, -1 >>> 0, -1 >>> 0, -1 >>> 0], [-1 >>> 0, -1 >>> 0], '408f276d 41c83b0e a20bc7c6 6d5451fd'],
    [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], 'd16cfe09 94fdcceb 5001e420 24126ea1'],
  ] as const)('gives the published words for counter %j', (counter, [key0, key1], expected) => {
    const words = new Uint32Array(4);
    philox(counter, key0, key1, words);
    expect(hex(words)).toBe(expected);
  });
});

describe('Rng', () => {
  const first = (rng: Rng, count: number): number[] => Array.from({ length: count }, () => rng.next());

  it('gives the same draws for ever', () => {
    expect(hex(first(Rng.from('7', 'domain', 3), 5))).toBe('2c8c7af5 cb4c41b8 2b4220c7 e850516d f2b10b46');
    expect(hex(first(Rng.from('7', 'domain', 3).branch(2), 3))).toBe('a12aaded 362e9e8d 6edb1da5');
  });

  it('separates seeds, labels, their order and their types', () => {
    const named = [
      Rng.from('1', 'a', 'b'),
      Rng.from('2', 'a', 'b'),
      Rng.from('1', 'b', 'a'),
      Rng.from('1', 'ab'),
      Rng.from('1', 'a', 'b', ''),
      Rng.from('1', 'a', 1),
      Rng.from('1', 'a', '1'),
    ];
    expect(new Set(named.map((rng) => hex(first(rng, 4)))).size).toBe(named.length);
  });

  it('starts a branch anew, whatever its stream has drawn', () => {
    const stream = Rng.from('1', 'x');
    const before = first(stream.branch(5), 9);
    first(stream, 3);
    expect(first(stream.branch(5), 9)).toEqual(before);
    expect(first(stream.branch(6), 9)).not.toEqual(before);
  });

  it('spreads below(n) evenly: chi-square of 60,000 draws in 6 cells under the 0.1% point', () => {
    const rng = Rng.from('1', 'even');
    const cells = [0, 0, 0, 0, 0, 0];
    for (let i = 0; i < 60_000; i += 1) cells[rng.below(6)]! += 1;
    const chi = cells.reduce((sum, seen) => sum + (seen - 10_000) ** 2 / 10_000, 0);
    expect(chi).toBeLessThan(20.5);
  });

  it('keeps uniform() in [0, 1) on the grid of 2^-24', () => {
    const rng = Rng.from('1', 'uniform');
    const draws = Array.from({ length: 1000 }, () => rng.uniform());
    expect(draws.every((u) => u >= 0 && u < 1 && Number.isInteger(u * 2 ** 24))).toBe(true);
    expect(Math.abs(draws.reduce((a, b) => a + b) / 1000 - 0.5)).toBeLessThan(0.05);
  });

  it('shuffles to a permutation that a seed decides', () => {
    const items = Array.from({ length: 50 }, (_, i) => i);
    const shuffled = Rng.from('1', 's').shuffle([...items]);
    expect(shuffled).not.toEqual(items);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
    expect(Rng.from('1', 's').shuffle([...items])).toEqual(shuffled);
  });
});
