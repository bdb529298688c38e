import { aggressive, conservative } from '#constitution/domain/regime.js';
import { recordedFileSchema, runFileSchema } from './run-file.js';

const idle = { memory: { episodic: {} }, regime: 'aggressive' };
const odd = { model: { dModel: 96, headDim: 80 } };
const wrong = (fields: object): readonly string[] =>
  (runFileSchema.safeParse({ run: 'r', ...fields }).error?.issues ?? []).map(
    ({ path, message }) => `${path.join('.')}: ${message}`,
  );

it('refuses heads that the model cannot be cut into, before its name is used', () => {
  expect(wrong(odd)).toEqual([expect.stringContaining('model.headDim: must divide expand x dModel, 192')]);
  expect(wrong({ model: { dModel: 96 } })).toEqual([]);
  // Weights that are given have a shape of their own.
  expect(wrong({ ...odd, base: { checkpoint: 'x' } })).toEqual([]);
});

it('refuses a memory that no regime of the run shows anything of', () => {
  expect(wrong(idle)).toEqual([expect.stringContaining('memory.episodic: shows nothing again')]);
  expect(wrong({ memory: { episodic: {} } })).toEqual([]);
  const later = [
    { fromCycle: 1, regime: aggressive },
    { fromCycle: 3, regime: { ...conservative, replayPpm: 1 } },
  ];
  expect(wrong({ ...idle, regime: later })).toEqual([]);
});

it('reads what was registered before that was refused', () => {
  for (const fields of [idle, odd]) expect(recordedFileSchema.safeParse({ run: 'r', ...fields }).success).toBe(true);
});
