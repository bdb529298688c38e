import type { Mix } from '#corpus/domain/batches.js';
import type { RunConfig } from './config.js';
import type { DataOf } from './events.js';

const PPM = 1_000_000;

/** Even shares in whole millionths. */
const evenly = (names: readonly string[]): Readonly<Record<string, number>> => {
  const share = Math.floor(PPM / names.length);
  return Object.fromEntries(names.map((name, at) => [name, at === 0 ? PPM - share * (names.length - 1) : share]));
};

/** What the base is trained on. @throws RangeError where it is a given checkpoint */
export const baseMix = ({ seed, base, targets, general }: RunConfig): Mix => {
  if (base.kind !== 'train') throw new RangeError('base: a given checkpoint is not trained');
  return {
    seed: String(seed),
    cycle: 0,
    steps: base.steps,
    batch: base.batch,
    weightsPpm: evenly(targets),
    replayPpm: PPM - base.taskPpm,
    replayWeightsPpm: { [general]: PPM },
  };
};

type Proposed = Pick<DataOf<'CycleProposed'>, 'cycle' | 'regime' | 'memory'> &
  Readonly<{ allocation: Pick<DataOf<'CycleProposed'>['allocation'], 'weightsPpm'> }>;

/** What an update is trained on. */
export const updateMix = ({ seed, general }: RunConfig, { cycle, regime, allocation, memory }: Proposed): Mix => ({
  seed: String(seed),
  cycle,
  steps: regime.steps,
  batch: regime.batch,
  weightsPpm: allocation.weightsPpm,
  replayPpm: regime.replayPpm,
  replayWeightsPpm: memory?.replayWeightsPpm ?? { [general]: PPM },
});
