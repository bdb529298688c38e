import { Rng } from '#corpus/domain/random.js';
import type { SeedCurve } from '#experiment/domain/curve.js';

/** Mean 0, variance 1. */
const standard = (rng: Rng): number => {
  let sum = 0;
  for (let i = 0; i < 12; i += 1) sum += rng.uniform();
  return sum - 6;
};

export type Shape = (cycle: number, cycles: number) => number;

/** Curves of known shape, as accuracies. */
export const shapes = {
  saturating: (k) => 0.3 + 0.15 * (1 - Math.exp(-k / 3)),
  rising: (k) => 0.3 + 0.15 * (1 - Math.exp(-k / 10)),
  peaked: (k, cycles) => 0.3 + 0.15 * (1 - Math.exp(-k / 3)) - Math.max(0, k - cycles / 2) * 0.012,
  compounding: (k) => 0.3 + 0.01 * k,
  oscillating: (k) => 0.3 + 0.1 * (1 - Math.exp(-k / 3)) + 0.03 * Math.cos((2 * Math.PI * k) / 4),
  alternating: (k) => 0.3 + 0.1 * (1 - Math.exp(-k / 3)) + (k % 2 === 0 ? 0.02 : -0.02),
  collapsed: (k) => 0.3 - 0.01 * k,
  flat: () => 0.3,
} satisfies Record<string, Shape>;

export type Drawn = Readonly<{ seeds: number; cycles: number; noise?: number; items?: number }>;

/** Seeds that begin at slightly different places, with noise from cycle to cycle and noise of single items. */
export const drawn = (
  shape: Shape,
  simulation: number,
  { seeds, cycles, noise = 0.01, items = 40 }: Drawn,
): SeedCurve[] =>
  Array.from({ length: seeds }, (_, seed) => {
    const rng = Rng.from('simulated curve', seed).branch(simulation);
    const start = 0.01 * standard(rng);
    const points = Array.from({ length: cycles + 1 }, (__, cycle) => {
      const level = shape(cycle, cycles) + start + noise * standard(rng);
      const units = Array.from({ length: items }, () => level + 0.1 * standard(rng));
      return { cycle, value: units.reduce((sum, unit) => sum + unit, 0) / items, units };
    });
    return { run: `seed-${String(seed).padStart(2, '0')}`, points };
  });
