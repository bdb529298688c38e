import { emptyCycle, type Cycle } from '#run/domain/cycle.js';
import type { DataOf } from '#run/domain/events.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { checkUpdate } from './check-update.js';

const hash = (digit: string): string => digit.repeat(64);
const [champion, candidate, plan, optimiser, transcript] = ['1', '2', '3', '4', '5'].map(hash) as [
  string,
  string,
  string,
  string,
  string,
];
const receipt = {
  contract: 'nc-1',
  plan,
  initial: champion,
  candidate,
  optimiser,
  transcript,
  steps: 12,
  tokens: 768,
  lossFirst: 2,
  lossLast: 1.5,
  lossMean: 1.75,
  gradNormMax: 1,
  klAnchorMean: 0.01,
  anchorRatio: 0.5,
  factor: 1,
  trust: { klNatsPerByte: 0.02, weightRatio: 0.1 },
  distance: { initial: 0.1, anchor: 0.1 },
  tensors: {},
};
const produced = {
  cycle: 2,
  candidate,
  parent: champion,
  plan,
  replayable: true,
  optimiser,
  transcript,
  steps: 12,
  tokens: 768,
  lossFirstNats: 2,
  lossLastNats: 1.5,
  factor: 1,
  klToChampionNatsPerByte: 0.02,
  klToAnchorNatsPerByte: 0.01,
  anchorRatio: 0.5,
  weightRatio: 0.1,
  env: { attempt: 1, backend: 'reference', threads: 1, elapsedMs: 1 },
};

const found = async (changes: Partial<DataOf<'UpdateProduced'>>, left: object | string = receipt) => {
  const artifacts = new MemoryArtifacts();
  const bytes = new TextEncoder().encode(typeof left === 'string' ? left : JSON.stringify(left));
  const cycle: Cycle = {
    ...emptyCycle(2),
    proposal: { champion } as DataOf<'CycleProposed'>,
    produced: { ...produced, receipt: await artifacts.put(bytes), ...changes },
  };
  return (await checkUpdate({ artifacts }, cycle)).map(({ field }) => field);
};

describe('an update beside its receipt', () => {
  it('agrees where both say the same', async () => expect(await found({})).toEqual([]));

  it.each<[string, Partial<DataOf<'UpdateProduced'>>, readonly string[]]>([
    ['fewer steps than were taken', { steps: 11 }, ['steps']],
    ['fewer tokens than were read', { tokens: 1 }, ['tokens']],
    ['a smaller move of the weights', { weightRatio: 0.01 }, ['weightRatio']],
    ['another candidate', { candidate: hash('9') }, ['candidate']],
    ['the plan of another cycle', { plan: hash('9') }, ['plan']],
    ['another parent than the champion of its proposal', { parent: hash('9') }, ['parent']],
  ])('says %s', async (_what, changes, fields) => expect(await found(changes)).toEqual(fields));

  it('has a receipt of another cycle, in event and artifact alike', async () => {
    const stale = { ...receipt, plan: hash('8'), initial: hash('7') };
    expect(await found({ parent: hash('7') }, stale)).toEqual(['plan', 'parent']);
  });

  it('names bytes that are no receipt', async () => {
    expect(await found({}, 'no receipt')).toEqual(['receipt']);
    expect(await found({}, { ...receipt, steps: -1 })).toEqual(['receipt']);
  });

  it('is held against nothing where it stands on the word of its trainer', async () =>
    expect(await found({ receipt: null, steps: 1 })).toEqual([]));
});
