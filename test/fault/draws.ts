/** SplitMix32: what a test draws follows from its seed. */
export class Draws {
  private state: number;

  constructor(seed: number) {
    this.state = seed;
  }

  /** A whole number from 0 on. */
  below(limit: number): number {
    this.state = (this.state + 0x9e3779b9) | 0;
    let z = Math.imul(this.state ^ (this.state >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) % limit;
  }

  /** So many of them, each once, in an order of their own; all where there are no more. */
  some<T>(items: readonly T[], count: number): readonly T[] {
    const left = [...items];
    return Array.from({ length: Math.min(count, left.length) }, () => left.splice(this.below(left.length), 1)[0] as T);
  }
}

/** The seed of this run of the tests. */
export const seed = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
