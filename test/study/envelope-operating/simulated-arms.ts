import { Rng } from '#corpus/domain/random.js';
import type { SeedCurve } from '#experiment/domain/curve.js';

/** Mean 0, variance 1: a sum of twelve uniform draws. */
export const standard = (rng: Rng): number => {
  let sum = 0;
  for (let draw = 0; draw < 12; draw += 1) sum += rng.uniform();
  return sum - 6;
};

/** Levels in points of capability; the same at every seed but for what {@link arm} adds. */
const START = 30;
const GAIN = 15;

/** One cycle's deviation out of the last one and a new draw, both of variance 1. */
type Next = (last: number, rng: Rng) => number;

/**
 * Noise of the cycles: new in each; half of it still there in the next; or that of a champion, which stays as it is until
 * a promotion, one cycle in three.
 */
export const NOISES = {
  new: (_last, rng) => standard(rng),
  lingering: (last, rng) => 0.5 * last + Math.sqrt(0.75) * standard(rng),
  champion: (last, rng) => (rng.uniform() < 1 / 3 ? standard(rng) : last),
} satisfies Record<string, Next>;
export type Noise = keyof typeof NOISES;

/** What differs between seeds, in shares and turns of a period. */
type Own = Readonly<{ gain: number; pace: number; phase: number }>;
type Course = (cycle: number, cycles: number, size: number, own: Own) => number;

const levelling =
  (paceOf: number): Course =>
  (k, cycles, _size, { gain, pace }) =>
    GAIN * gain * (1 - Math.exp((-k * paceOf) / (cycles * pace)));
const quick = levelling(8);

const swinging =
  (period: number): Course =>
  (k, cycles, size, own) =>
    quick(k, cycles, size, own) + size * Math.cos(2 * Math.PI * (k / period + own.phase));

/** True courses, as points over the start. `size` is how much of its own a course shows, in points. */
export const COURSES = {
  flat: () => 0,
  'levelling off early': quick,
  'levelling off late': levelling(3),
  compounding: (k, cycles, size, { gain }) => (size * gain * k) / cycles,
  'peak and decline': (k, cycles, size, own) =>
    quick(k, cycles, size, own) -
    (size * Math.max(0, k - (cycles / 2) * own.pace)) / (cycles - (cycles / 2) * own.pace),
  'oscillation of 4 cycles': swinging(4),
  'oscillation of 8 cycles': swinging(8),
  collapse: (k, cycles, size, { gain }) => (0 - size * gain * k) / cycles,
} satisfies Record<string, Course>;
export type CourseName = keyof typeof COURSES;

export type Setting = Readonly<{
  course: CourseName;
  /** Points; 0 where the course has no size of its own. */
  size: number;
  noise: Noise;
  seeds: number;
  cycles: number;
}>;

/** Spreads in points: between the seeds' starts, and of one cycle, which is a tenth of the whole gain. */
export const SPREAD = { start: 1, cycle: 1.5 } as const;
/** Spreads of the seeds' gains and paces, as shares. */
export const OWN = { gain: 0.1, pace: 0.15 } as const;

/** The arm of one simulation: the same seed and numbers give the same arm. */
export const arm = ({ course, size, noise, seeds, cycles }: Setting, seed: string, simulation: number): SeedCurve[] =>
  Array.from({ length: seeds }, (_, at) => {
    const rng = Rng.from(seed, course, size, noise, cycles, at).branch(simulation);
    const start = START + SPREAD.start * standard(rng);
    const own = { gain: 1 + OWN.gain * standard(rng), pace: 1 + OWN.pace * standard(rng), phase: rng.uniform() };
    let deviation = standard(rng);
    const points = Array.from({ length: cycles + 1 }, (__, cycle) => {
      if (cycle > 0) deviation = NOISES[noise](deviation, rng);
      const value = (start + COURSES[course](cycle, cycles, size, own) + SPREAD.cycle * deviation) / 100;
      return { cycle, value, units: null };
    });
    return { run: `seed-${String(at).padStart(2, '0')}`, points };
  });
