import { Draft, LN, type Family, type TaskSequence } from './family.js';
import { Rng } from './random.js';

const KEY = 16;
const VALUE = 96;

/** Eight keys, each bound to a value for one sequence; a value is asked for once its key was seen. */
const generateRecall = (rng: Rng, length: number): TaskSequence => {
  const draft = new Draft(length, 0xf5);
  const values = Array.from({ length: 8 }, () => VALUE + rng.below(8));
  const seen = new Set<number>();
  while (draft.room >= 2) {
    const key = rng.below(8);
    draft.put(KEY + key);
    if (seen.has(key)) draft.answer(values[key] as number);
    else draft.put(values[key] as number);
    seen.add(key);
  }
  return draft.finish();
};

export const recall: Family = {
  name: 'recall',
  prefix: 0xf5,
  heldOut: true,
  target: true,
  entropyNats: LN[8],
  chanceAccuracy: 1 / 8,
  generate: generateRecall,
};

/** 1,024 two-byte keys (bytes 0-31 and 32-63) with fixed values (bytes 160-223) out of the run's seed. */
export const memoriseFor = (runSeed: string): Family => {
  const rng = Rng.from(runSeed, 'memorise-table');
  const table = Uint8Array.from({ length: 1024 }, () => 160 + rng.below(64));
  const generate = (draws: Rng, length: number): TaskSequence => {
    const draft = new Draft(length, 0xf6);
    while (draft.room >= 3) {
      const key = draws.below(1024);
      draft.put(key >>> 5);
      draft.put(32 + (key & 31));
      draft.answer(table[key] as number);
    }
    return draft.finish();
  };
  return {
    name: 'memorise',
    prefix: 0xf6,
    heldOut: false,
    target: true,
    entropyNats: LN[64],
    chanceAccuracy: 1 / 64,
    generate,
  };
};
