import { checkedConfigSchema, type DistillationConfig } from './config.js';
import {
  abortTraining,
  captureTraces,
  concludeTransfer,
  decisionBehind,
  distillationStream,
  isAtRest,
  measureAlignment,
  nextStep,
  startDistillation,
  trainStudent,
  type Begun,
  type Distillation,
  type DistillationDecision,
} from './distillation.js';
import type { DataOf } from './events.js';

const hash = (digit: string): string => digit.repeat(64);
const written = (changes: object = {}): object => ({
  distillation: 'quick',
  seed: 1,
  contract: 'nc-1',
  teacher: { model: { layers: 3, attention: [1] }, training: { steps: 4, batch: 2, learningRate: 0.003 } },
  student: { model: { dModel: 32, headDim: 32 }, training: { steps: 3, batch: 2, learningRate: 0.003 } },
  traces: { sequences: 8 },
  layers: { teacher: 2, student: 1 },
  arms: [{ arm: 'none' }, { arm: 'hidden', hidden: 0.5 }],
  ...changes,
});
const config: DistillationConfig = checkedConfigSchema.parse(written());

const started: DataOf<'DistillationStarted'> = {
  config,
  experiment: null,
  teacherBatches: hash('1'),
  traced: hash('2'),
  studentBatches: hash('3'),
  alignment: hash('4'),
  examination: hash('5'),
};
const shared = {
  plan: hash('6'),
  receipt: hash('7'),
  transcript: hash('8'),
  optimiser: hash('9'),
  steps: 3,
  tokens: 3 * 2 * 128,
  lossFirstNats: 5,
  lossLastNats: 4,
  env: { build: 'b', backend: 'avx2', threads: 1, elapsedMs: 1 },
};
const downstream = { results: hash('a'), families: {}, exactMean: 0, generalBitsPerByte: 3 };
const traced: DataOf<'TracesCaptured'> = {
  teacher: hash('b'),
  ...shared,
  traces: hash('c'),
  shuffled: null,
  alignmentTraces: hash('d'),
  downstream,
};
const student = (arm: string): string => hash(arm === 'none' ? 'e' : 'f');
const trained = (arm: string): DataOf<'StudentTrained'> => ({
  arm,
  student: student(arm),
  initial: hash('0'),
  ...shared,
  distances: null,
});
const aligned = (arm: string): DataOf<'AlignmentMeasured'> => ({
  arm,
  student: student(arm),
  traces: hash('1'),
  layers: config.layers,
  positionsFitted: 8,
  positionsHeldOut: 8,
  r2: 0.5,
  relativeError: 0.5,
  cka: 0.5,
});
const transferred = (arm: string): DataOf<'TransferConcluded'> => ({
  arm,
  student: student(arm),
  downstream,
  against: arm === 'none' ? null : 'none',
  comparisons: [],
  env: { build: 'b' },
});

const all: readonly DistillationDecision[] = [
  startDistillation(started),
  captureTraces(traced),
  ...['none', 'hidden'].flatMap((arm) => [
    trainStudent(trained(arm)),
    measureAlignment(aligned(arm)),
    concludeTransfer(transferred(arm)),
  ]),
];
const after = (count: number): Distillation =>
  all
    .slice(0, count)
    .reduce<Distillation>((state, decision) => decision(state).reduce(distillationStream.evolve, state), {
      status: 'absent',
    });

it('goes from step to step by its events alone, and every event is what its own decision writes', () => {
  const steps = all.slice(1).map((_, at) => nextStep(after(at + 1) as Begun));
  expect(steps.map((step) => ('arm' in step ? `${step.kind} ${step.arm.arm}` : step.kind))).toEqual([
    'capture',
    'train none',
    'align none',
    'transfer none',
    'train hidden',
    'align hidden',
    'transfer hidden',
  ]);
  expect(isAtRest(after(all.length))).toBe(true);
  all.forEach((decision, at) => {
    const [event] = decision(after(at));
    expect(event && decisionBehind(event)(after(at))).toEqual([event]);
  });
});

it('is not there where nothing began, whatever else stands in its stream', () => {
  const later = all.slice(1).flatMap((decision, at) => decision(after(at + 1)));
  expect(later.reduce(distillationStream.evolve, distillationStream.initial)).toEqual({ status: 'absent' });
  for (const event of later) expect(() => decisionBehind(event)({ status: 'absent' })).toThrow(/no such distillation/);
});

it('does nothing twice and nothing before its turn', () => {
  all.forEach((decision, at) => {
    for (let count = 0; count <= all.length; count += 1)
      if (count !== at) expect(() => decision(after(count))).toThrow(/exists already|not what comes next|no such/);
  });
});

describe('a training that is aborted', () => {
  const aborted = (arm: string | null): DistillationDecision =>
    abortTraining({
      arm,
      plan: hash('6'),
      reason: 'non-finite',
      step: 2,
      message: 'the loss is not finite',
      env: { build: 'b', backend: 'avx2', threads: 1 },
    });
  const then = (state: Distillation, decision: DistillationDecision): Distillation =>
    decision(state).reduce(distillationStream.evolve, state);

  it('leaves its arm out and goes on with the next', () => {
    const three = { ...started, config: { ...config, arms: [...config.arms, { ...config.arms[1]!, arm: 'more' }] } };
    const upTo = [startDistillation(three), ...all.slice(1, 5), aborted('hidden')].reduce(then, { status: 'absent' });
    expect(nextStep(upTo as Begun)).toMatchObject({ kind: 'train', arm: { arm: 'more' } });
    expect(() => measureAlignment(aligned('hidden'))(upTo)).toThrow(/not what comes next/);
  });

  it.each<[string, number, string | null]>([
    ['of the teacher', 1, null],
    ['of the student without a teacher', 2, 'none'],
  ])('%s ends all of it', (_, count, arm) => {
    const ended = then(after(count), aborted(arm));
    expect(isAtRest(ended)).toBe(true);
    for (const decision of [...all.slice(1), aborted(arm)])
      expect(() => decision(ended)).toThrow(/not what comes next/);
  });

  it('comes in its turn, and is what its own decision writes', () => {
    expect(() => aborted('hidden')(after(2))).toThrow(/train of arm none is/);
    expect(() => aborted(null)(after(2))).toThrow(/not what comes next/);
    const [event] = aborted('none')(after(2));
    expect(event && decisionBehind(event)(after(2))).toEqual([event]);
  });
});

describe('what an arm may not be given', () => {
  it('other weights to begin with', () =>
    expect(() => trainStudent({ ...trained('hidden'), initial: hash('1') })(after(5))).toThrow(
      /begins with other weights/,
    ));
  it('more to read than the others', () =>
    expect(() => trainStudent({ ...trained('hidden'), tokens: 769 })(after(5))).toThrow(
      /read 769 tokens; every arm reads 768/,
    ));
  it("another arm's student", () =>
    expect(() => measureAlignment({ ...aligned('hidden'), student: student('none') })(after(6))).toThrow(
      /trained student/,
    ));
  it('no comparison, or one with itself', () => {
    expect(() => concludeTransfer({ ...transferred('hidden'), against: null })(after(7))).toThrow(/held against none/);
    expect(() => concludeTransfer({ ...transferred('none'), against: 'none' })(after(4))).toThrow(/against none other/);
  });
  it('shuffled traces that nobody takes', () =>
    expect(() => captureTraces({ ...traced, shuffled: hash('1') })(after(1))).toThrow(/nowhere else/));
});

describe('settings', () => {
  it.each([
    [
      'no arm without a teacher',
      {
        arms: [
          { arm: 'x', hidden: 1 },
          { arm: 'y', hidden: 1 },
        ],
      },
      'arms.0.arm',
    ],
    [
      'a teacher in the first arm',
      {
        arms: [
          { arm: 'none', hidden: 1 },
          { arm: 'y', hidden: 1 },
        ],
      },
      'arms.0.arm',
    ],
    ['an arm that nothing teaches', { arms: [{ arm: 'none' }, { arm: 'y' }] }, 'arms.1.arm'],
    ['an arm twice', { arms: [{ arm: 'none' }, { arm: 'y', hidden: 1 }, { arm: 'y', hidden: 2 }] }, 'arms.2.arm'],
    ['a layer that the student lacks', { layers: { teacher: 2, student: 2 } }, 'layers.student'],
    ['a family twice', { families: ['recall', 'recall'] }, 'families.1'],
    [
      'a teacher of attention alone',
      { teacher: { model: { layers: 2, attention: [0, 1] }, training: { steps: 4, batch: 2, learningRate: 0.003 } } },
      'teacher.model.attention',
    ],
    [
      'heads that the student cannot be cut into',
      { student: { model: { dModel: 96, headDim: 80 }, training: { steps: 3, batch: 2, learningRate: 0.003 } } },
      'student.model.headDim',
    ],
    [
      'heads that the attention of the teacher cannot be cut into',
      {
        teacher: {
          model: { layers: 3, attention: [1], dModel: 64, headDim: 128 },
          training: { steps: 4, batch: 2, learningRate: 0.003 },
        },
      },
      'teacher.model.headDim',
    ],
    ['more traces than can be held', { traces: { sequences: 65_536, logits: 256 } }, 'traces.sequences'],
    ['a family that is not held out', { families: ['recall', 'memorise'] }, 'families.1'],
    ['a family that nobody learns', { families: ['unlearnable'] }, 'families.0'],
    ['a weight that is nothing in binary32', { arms: [{ arm: 'none' }, { arm: 'y', hidden: 1e-20 }] }, 'arms.1.hidden'],
    [
      'a weight of the next byte that is nothing in binary32',
      { arms: [{ arm: 'none' }, { arm: 'y', hidden: 1, taskWeight: 1e-20 }] },
      'arms.1.taskWeight',
    ],
  ])('are refused with %s', (_, changes, path) => {
    const issues = checkedConfigSchema.safeParse(written(changes)).error?.issues ?? [];
    expect(issues.map((issue) => issue.path.join('.'))).toContain(path);
  });
});
