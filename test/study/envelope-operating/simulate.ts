import type { StateCounts } from './count-states.js';
import type { Findings } from './criteria.js';
import type { Part } from './envelope-worker.js';
import { plantedSettings, quietSettings, stallSettings, type Size } from './settings.js';
import type { CauseCounts } from './stalled-gates.js';

/** Works off parts, and answers in their order. */
export type Run = <T>(parts: readonly Part[]) => Promise<readonly T[]>;
export type Extent = Readonly<{ seed: string; arms: number; sizes: readonly Size[] }>;

/** Every setting with that many arms. @param say what is being simulated */
export const simulate = async (
  run: Run,
  { seed, arms, sizes }: Extent,
  say: (line: string) => void,
): Promise<Findings> => {
  const range = { seed, from: 0, to: arms };
  const states = async (settings: ReturnType<typeof quietSettings>, everyCycle: boolean) => {
    const counts = await run<StateCounts>(settings.map((setting) => ({ states: { setting, everyCycle, ...range } })));
    return settings.map((setting, at) => ({ setting, counts: counts[at] as StateCounts }));
  };
  say('courses without a peak or a period, looked at after every cycle');
  const quiet = await states(quietSettings(sizes), true);
  say('planted courses');
  const planted = await states(plantedSettings(sizes), false);
  say('stalls');
  const stalling = stallSettings(sizes);
  const causes = await run<CauseCounts>(stalling.map((setting) => ({ causes: { setting, ...range } })));
  return { quiet, planted, stalls: stalling.map((setting, at) => ({ setting, counts: causes[at] as CauseCounts })) };
};
