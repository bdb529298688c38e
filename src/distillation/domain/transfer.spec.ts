import type { SequenceResult, Unit } from '#suite/domain/items.js';
import { checkedConfigSchema, type DistillationConfig } from './config.js';
import { compareStudents, downstreamOf, examined } from './transfer.js';

const ITEMS = 200;
const DOCUMENTS = 50;
const config: DistillationConfig = checkedConfigSchema.parse({
  distillation: 'quick',
  seed: 1,
  contract: 'nc-1',
  teacher: { model: { layers: 3, attention: [1] }, training: { steps: 4, batch: 2, learningRate: 0.003 } },
  student: { training: { steps: 3, batch: 2, learningRate: 0.003 } },
  traces: { sequences: 8 },
  layers: { teacher: 2, student: 1 },
  arms: [{ arm: 'none' }, { arm: 'hidden', hidden: 0.5 }],
});

const units: readonly Unit[] = [
  ...Array.from({ length: DOCUMENTS }, (_, at): Unit => ({
    id: `d${at}`,
    kind: 'document',
    domain: 'english',
    sequences: [at],
  })),
  ...Array.from({ length: ITEMS }, (_, at): Unit => {
    const first = DOCUMENTS + 2 * at;
    return { id: `block-${at}`, kind: 'block', domain: null, sequences: [first, first + 1] };
  }),
];

/** Results of a checkpoint by what it gives of each item's answer of four bytes, and by its bits per byte. */
const results = (recall: (at: number) => number, copy: (at: number) => number, bits = 2): readonly SequenceResult[] => [
  ...Array.from({ length: DOCUMENTS }, (_, at) => ({
    nllNats: (bits + (at % 5) / 100) * 0.6931471805599453 * 128,
    scored: 128,
    correct: 60,
  })),
  ...Array.from({ length: ITEMS }, (_, at) =>
    [recall(at), copy(at)].map((correct) => ({ nllNats: 4, scored: 4, correct })),
  ).flat(),
];

const half = (at: number): number => (at % 2 === 0 ? 4 : 3);
const none = examined(config, units, results(half, half));
const compared = (recall: (at: number) => number, copy: (at: number) => number, bits = 2) =>
  Object.fromEntries(
    compareStudents(config, examined(config, units, results(recall, copy, bits)), none).map((one) => [
      one.measure,
      one,
    ]),
  );

it('counts an answer only where every byte of it is right', () => {
  const figures = downstreamOf(none);
  expect(figures.families).toEqual({
    recall: { items: ITEMS, exact: ITEMS / 2, nllNatsMean: 4 },
    'selective-copy': { items: ITEMS, exact: ITEMS / 2, nllNatsMean: 4 },
  });
  expect(figures.exactMean).toBe(0.5);
  expect(figures.generalBitsPerByte).toBeCloseTo(2.02, 10);
});

it('is superior, inferior and inconclusive where it must be, family by family', () => {
  const found = compared(
    (at) => (at % 10 < 9 ? 4 : 3),
    (at) => (at % 10 < 1 ? 4 : 3),
  );
  expect(found['recall']).toMatchObject({ outcome: 'superior', unit: 'points', n: ITEMS });
  expect(found['recall']?.estimate).toBeCloseTo(40, 10);
  // 80 items gained and none lost, each like a coin: 2^-80.
  expect(found['recall']?.p?.above).toBeCloseTo(2 ** -80, 30);
  expect(found['recall']?.test).toBe('mcnemar');
  expect(found['selective-copy']).toMatchObject({ outcome: 'inferior' });
  // What one family gains the other loses.
  expect(found['all-families']?.estimate).toBeCloseTo(0, 10);
  expect(found['general-bits-per-byte']).toMatchObject({ outcome: 'inconclusive', why: 'zeroVariance' });
});

it('is equivalent where the difference is shown to be smaller than what is of interest, and says undecided else', () => {
  const few = (at: number): number => (at === 0 ? 3 : half(at));
  expect(compared(few, half)['recall']).toMatchObject({ outcome: 'equivalent', estimate: -0.5 });
  const other = (at: number): number => (at % 4 < 2 ? 4 : 3);
  expect(compared(other, half)['recall']).toMatchObject({ outcome: 'inconclusive', why: 'undecided' });
});

it('is sure where every item changes alike, and where none does', () => {
  const [right, wrong] = [() => 4, () => 3];
  const [best, worst] = [right, wrong].map((given) => examined(config, units, results(given, half))) as [
    ReturnType<typeof examined>,
    ReturnType<typeof examined>,
  ];
  const [gained, same] = compareStudents(config, best, worst);
  expect(gained).toMatchObject({ measure: 'recall', outcome: 'superior', why: null, estimate: 100 });
  // Each of them gained as if by a coin.
  expect(gained?.p?.above).toBeCloseTo(2 ** -ITEMS, 60);
  expect(gained?.p?.above).toBeGreaterThan(0);
  expect(gained?.p?.within).toBe(1);
  expect(gained?.interval).toMatchObject({ low: null, high: null });
  expect(same).toMatchObject({ measure: 'selective-copy', outcome: 'equivalent', estimate: 0, p: { within: 0 } });
  expect(compareStudents(config, worst, best)[0]).toMatchObject({ outcome: 'inferior', estimate: -100 });
});

it('takes fewer bits for the better, in percent of those without a teacher', () => {
  const general = compared(half, half, 1.98)['general-bits-per-byte'];
  expect(general).toMatchObject({ unit: 'percent' });
  expect(compareStudents(config, none, examined(config, units, results(half, half, NaN))).at(-1)).toMatchObject({
    outcome: 'inconclusive',
    why: 'notFinite',
  });
  const cheaper = examined(
    config,
    units,
    results(half, half, 1.9).map((one, at) => (at % 2 ? one : { ...one, nllNats: (one.nllNats ?? 0) * 0.99 })),
  );
  const [found] = compareStudents(config, cheaper, none).slice(-1);
  expect(found?.estimate).toBeGreaterThan(5);
  expect(found?.outcome).toBe('superior');
});

it('shares alpha over everything that is said of a seed', () =>
  expect(compared((at) => (at % 10 < 9 ? 4 : 3), half)['recall']?.interval?.level).toBeCloseTo(1 - 0.05 / 4, 12));
