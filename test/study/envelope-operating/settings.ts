import type { State } from '#experiment/domain/state.js';
import { NOISES, type CourseName, type Noise, type Setting } from './simulated-arms.js';
import { GATES, type GateName, type StallSetting } from './stalled-gates.js';

export type Size = Readonly<{ seeds: number; cycles: number }>;
export const SIZES: readonly Size[] = [4, 8, 16].flatMap((seeds) => [12, 24, 36].map((cycles) => ({ seeds, cycles })));
export const ALL_NOISES = Object.keys(NOISES) as Noise[];

/** Courses that neither peak nor go up and down. */
export const QUIET: readonly CourseName[] = ['flat', 'levelling off early', 'levelling off late'];

/** Courses that are to be found, by their sizes in points: the whole gain, the fall from the peak, half of the swing, the whole loss. */
export const PLANTED: readonly Readonly<{ course: CourseName; state: State; points: readonly number[] }>[] = [
  { course: 'compounding', state: 'compounding', points: [3, 6, 12] },
  { course: 'peak and decline', state: 'peaked', points: [2, 4, 8] },
  { course: 'oscillation of 4 cycles', state: 'oscillating', points: [1, 2, 4] },
  { course: 'oscillation of 8 cycles', state: 'oscillating', points: [1, 2, 4] },
  { course: 'collapse', state: 'collapsed', points: [1, 3, 6] },
];

export const quietSettings = (sizes: readonly Size[]): readonly Setting[] =>
  ALL_NOISES.flatMap((noise) => QUIET.flatMap((course) => sizes.map((size) => ({ course, size: 0, noise, ...size }))));

export const plantedSettings = (sizes: readonly Size[]): readonly Setting[] =>
  ALL_NOISES.flatMap((noise) =>
    PLANTED.flatMap(({ course, points }) =>
      points.flatMap((size) => sizes.map((each) => ({ course, size, noise, ...each }))),
    ),
  );

/** Points a cycle that candidates gain where a gate holds them back, and where none does. */
const GAINS = { held: [0.25, 1], open: [0] } as const;

export const stallSettings = (sizes: readonly Size[]): readonly StallSetting[] =>
  (Object.keys(GATES) as GateName[]).flatMap((gate) =>
    (gate.startsWith('accepts') ? GAINS.open : GAINS.held).flatMap((gain) =>
      sizes.map((size) => ({ gate, gain, ...size })),
    ),
  );
