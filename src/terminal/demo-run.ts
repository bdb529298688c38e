import type { RunFileInput } from '#run/domain/run-file.js';

export const DEMO_RUN = 'demo';

/**
 * The demo's run: conservative cycles, then one aggressive candidate that a sound gate stops. Chosen so that both outcomes
 * occur, which is why it shows the machinery and proves nothing.
 */
export const demoRunFile = (seed: number, quick: boolean): RunFileInput & { cycles: number } => {
  const conservative = quick ? 3 : 10;
  return {
    run: DEMO_RUN,
    seed,
    cycles: conservative + 1,
    base: { steps: quick ? 300 : 600 },
    regime: [
      { fromCycle: 1, regime: 'conservative' },
      { fromCycle: conservative + 1, regime: 'aggressive' },
    ],
    constitution: { name: 'demo', alphaPlan: { kMax: conservative + 1 } },
  };
};
