import { cp, readFile, writeFile } from 'node:fs/promises';
import { checkApprovals } from '#audit/check-approvals.js';
import { Views } from '#doors/read-model.js';
import { outcomeDigest } from '#ledger/digest.js';
import { collect } from '#ledger/ledger.js';
import type { Record } from '#ledger/record.js';
import { resultsOf } from '#report/domain/result-part.js';
import { ExperimentQuestions } from '#report/experiment-questions.js';
import { experimentView } from '#report/experiment.view.js';
import { readTold } from '#report/read-told.js';
import { MemoryLog } from '#store/memory-log.js';
import { Child } from './child-process.js';
import { temporaryFolder, type, type Ended } from './command-line.js';
import { lookInto, recordsIn } from './prepared-run.js';

const folder = temporaryFolder();
const tiny = { dModel: 32, layers: 2, dState: 16, headDim: 16 };
const hypothesis = (name: string, changes: object): object => ({
  hypothesis: name,
  claim: 'It does.',
  arm: 'hidden',
  against: 'none',
  metric: 'transfer-exact',
  expects: 'superior',
  ...changes,
});
const registration = {
  experiment: 'lesson',
  question: 'Does it teach?',
  distillation: {
    sequence: 64,
    families: ['recall', 'dyck'],
    teacher: { model: { ...tiny, attention: [1] }, training: { steps: 20, batch: 8, learningRate: 0.004 } },
    student: { model: tiny, training: { steps: 10, batch: 8, learningRate: 0.004 } },
    traces: { sequences: 40, logits: 4 },
    layers: { teacher: 1, student: 1 },
    evaluation: { items: 20, documents: 30, alignment: 4 },
  },
  arms: [
    { arm: 'none' },
    { arm: 'hidden', changes: { hidden: 0.5 } },
    { arm: 'shuffled', changes: { hidden: 0.5, shuffled: true } },
  ],
  seeds: 2,
  hypotheses: [
    hypothesis('transfers', {}),
    hypothesis('in-dyck', { metric: 'transfer-exact.dyck', against: 'shuffled' }),
    hypothesis('to-the-teacher', { against: 'teacher', expects: 'inferior' }),
    hypothesis('keeps', { metric: 'general-bits-per-byte', expects: 'non-inferior' }),
    hypothesis('aligns', { metric: 'alignment-r2' }),
  ],
};

const asked = (data: string, ...words: readonly string[]): Promise<Ended> => type(['--data', data, ...words]);

let [whole, killed, file] = ['', '', ''];

beforeAll(async () => {
  [whole, killed, file] = [folder.path('whole'), folder.path('killed'), folder.path('lesson.yaml')];
  await writeFile(file, JSON.stringify(registration));
  expect(await asked(whole, 'experiment', 'register', file)).toMatchObject({ code: 0 });
  await cp(whole, killed, { recursive: true });
  const child = Child.start(
    process.execPath,
    'bin/prometheus-ledger.mjs',
    '--data',
    killed,
    'experiment',
    'run',
    'lesson',
  );
  await child.until('1 of 2');
  await child.end('SIGKILL');
  expect(await asked(killed, 'experiment', 'conclude', 'lesson')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('experiment run lesson'),
  });
  for (const data of [whole, killed]) {
    expect(await asked(data, 'experiment', 'run', 'lesson')).toMatchObject({ code: 0 });
    expect(await asked(data, 'experiment', 'conclude', 'lesson')).toMatchObject({ code: 0 });
  }
}, 300_000);

const digests = async (data: string, stream: string): Promise<readonly string[]> =>
  (await recordsIn(data, stream)).map(outcomeDigest);

it('is the same experiment whether it was killed in between or not, to the last outcome', async () => {
  for (const stream of ['distillation-lesson-1', 'distillation-lesson-2', 'experiment-lesson'])
    expect(await digests(killed, stream)).toEqual(await digests(whole, stream));
});

it('concludes from what the students of each seed gave, each arm its own', async () => {
  const concluded = (await recordsIn(whole, 'experiment-lesson')).filter(
    ({ type: each }) => each === 'HypothesisConcluded',
  );
  const valuesOf = (name: string): readonly { arm: number; against: number; difference: number }[] =>
    concluded.find(({ data }) => data['hypothesis'] === name)?.data['values'] as never;
  const find = async (number: number, event: string, arm?: string): Promise<Record['data']> => {
    const records = await recordsIn(whole, `distillation-lesson-${number}`);
    return records.find((one) => one.type === event && one.data['arm'] === arm)?.data ?? {};
  };
  const downstream = (data: Record['data']) =>
    data['downstream'] as { exactMean: number; families: { dyck: { exact: number } }; generalBitsPerByte: number };
  for (const number of [1, 2]) {
    const at = number - 1;
    const [none, hidden, shuffled] = await Promise.all(
      ['none', 'hidden', 'shuffled'].map(async (arm) => downstream(await find(number, 'TransferConcluded', arm))),
    );
    const teacher = downstream(await find(number, 'TracesCaptured'));
    expect(valuesOf('transfers')[at]).toMatchObject({ arm: hidden?.exactMean, against: none?.exactMean });
    expect(valuesOf('in-dyck')[at]).toMatchObject({
      arm: (hidden?.families.dyck.exact ?? NaN) / 20,
      against: (shuffled?.families.dyck.exact ?? NaN) / 20,
    });
    expect(valuesOf('to-the-teacher')[at]).toMatchObject({ arm: hidden?.exactMean, against: teacher.exactMean });
    const [mine, theirs] = [hidden?.generalBitsPerByte ?? NaN, none?.generalBitsPerByte ?? NaN];
    expect(valuesOf('keeps')[at]?.difference).toBe((100 * (theirs - mine)) / theirs);
    const { r2 } = await find(number, 'AlignmentMeasured', 'hidden');
    expect(valuesOf('aligns')[at]).toMatchObject({ arm: r2 });
  }
});

it('is reported with every teacher and student, and without the tables of runs', async () => {
  const to = folder.path('report');
  expect(await asked(whole, 'experiment', 'report', 'lesson', '--to', to)).toMatchObject({ code: 0 });
  const text = await readFile(`${to}/lesson.md`, 'utf8');
  const [teacher] = (await recordsIn(whole, 'distillation-lesson-2')).filter(
    ({ type: each }) => each === 'TracesCaptured',
  );
  const { exactMean } = (teacher as Record).data['downstream'] as { exactMean: number };
  expect(text).toMatch(new RegExp(`^\\| 2, teacher.*\\| ${(100 * exactMean).toFixed(1)}% \\|`, 'm'));
  expect(text.match(/^\| [12], (none|hidden|shuffled)/gm)).toHaveLength(12);
  expect(text).not.toMatch(/What became of every cycle|no model yet|planned run|not begun|anchor's|cycle|replay RUN/);
  expect(text).toContain('2 of 2 planned distillations completed.');
  expect(text).toContain('prometheus-ledger distillation replay lesson-N');
  expect(text).toMatch(/^\| hidden\[\^\d+\] \| hidden: 0\.5 \|$/m);
}, 60_000);

it('names the records of students behind every conclusion, and counts distillations in the place of runs', async () => {
  const told = await lookInto(whole, (log) => readTold(log, 'lesson'));
  if (!told) throw new RangeError('lesson: not registered');
  for (const { looks } of resultsOf(told))
    for (const { cites } of looks)
      expect(new Set(cites.map(({ stream }) => stream))).toEqual(
        new Set(['experiment-lesson', 'distillation-lesson-1', 'distillation-lesson-2']),
      );
  expect(experimentView(told)).toMatchObject({ runsPlanned: 2, runsBegun: 2, runsCompleted: 2 });
});

it('says which distillations were there to be seen before a registration', async () => {
  const [data, to, second] = [folder.path('second'), folder.path('second report'), folder.path('second.yaml')];
  await cp(whole, data, { recursive: true });
  await writeFile(second, JSON.stringify({ ...registration, experiment: 'second' }));
  expect(await asked(data, 'experiment', 'register', second)).toMatchObject({ code: 0 });
  const shown = await asked(data, '--json', 'experiment', 'show', 'second');
  expect(JSON.parse(shown.stdout)).toMatchObject({ earlierRuns: ['lesson-1', 'lesson-2'] });
  expect(await asked(data, 'experiment', 'report', 'second', '--to', to)).toMatchObject({ code: 0 });
  const text = await readFile(`${to}/second.md`, 'utf8');
  expect(text).toMatch(/2 distillations began on the same general text .*: lesson-1, lesson-2\./);
  expect(text).toMatch(/0 of 2 planned distillations completed/);
  expect(text).toMatch(/second-1 \(seed \d+\) has not begun/);
}, 60_000);

it('is read again by the service when a student of it is examined', async () => {
  class AtTheEnd extends Views {
    position = 0;
    reached = (): Promise<boolean> => Promise.resolve(true);
    caughtUp = (): Promise<boolean> => Promise.resolve(true);
    state = (): Promise<never> => Promise.reject(new RangeError('nobody asks for it here'));
  }
  const [log, views] = [new MemoryLog(), new AtTheEnd()];
  const records = await lookInto(whole, (from) => collect(from.readAll()));
  const last = records.findLastIndex(({ stream }) => stream.startsWith('distillation-'));
  const append = async (some: readonly Record[]): Promise<void> => {
    for (const { stream, revision: _revision, ...proposed } of some)
      views.position = (await log.append(stream, 'any', [proposed])).position;
  };
  const questions = new ExperimentQuestions(log, views);
  await append(records.slice(0, last));
  expect(await questions.one('lesson')).toMatchObject({ runsBegun: 2, runsCompleted: 1 });
  await append(records.slice(last, last + 1));
  expect(await questions.one('lesson')).toMatchObject({ runsBegun: 2, runsCompleted: 2 });
});

it('has its seeds from its record, and nobody else has its names', async () => {
  const started = await Promise.all(
    [1, 2].map(async (n) => (await recordsIn(whole, `distillation-lesson-${n}`))[0]?.data),
  );
  const seeds = started.map((data) => (data as { config: { seed: number } }).config.seed);
  const shown = JSON.parse((await asked(whole, '--json', 'experiment', 'show', 'lesson')).stdout) as {
    planned: readonly { seed: number }[];
  };
  expect(new Set(seeds)).toEqual(new Set(shown.planned.map(({ seed }) => seed)));
  const { hypotheses: _h, question: _q, experiment: _e, seeds: _s, arms, distillation } = registration;
  const own = {
    ...distillation,
    distillation: 'lesson-1',
    arms: arms.map(({ arm, changes }) => ({ arm, ...changes })),
  };
  const path = folder.path('own.yaml');
  await writeFile(path, JSON.stringify(own));
  const fresh = folder.path('fresh');
  expect(await asked(fresh, 'experiment', 'register', file)).toMatchObject({ code: 0 });
  expect(await asked(fresh, 'distillation', 'run', path)).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('is one of experiment lesson'),
  });
}, 60_000);

describe('verify', () => {
  const unlawful = async (change: (record: Record) => object): Promise<readonly string[]> => {
    const log = new MemoryLog();
    for (const record of await lookInto(whole, (from) => collect(from.readAll()))) {
      const { stream, revision: _revision, ...proposed } = record;
      await log.append(stream, 'any', [{ ...proposed, ...change(record) }]);
    }
    return (await checkApprovals(log)).unlawful.map(({ type: each, because }) => `${each}: ${because}`);
  };

  it('decides the looks again', async () => {
    expect(await unlawful(() => ({}))).toEqual([]);
    expect(await asked(whole, 'verify')).toMatchObject({ code: 0 });
  }, 60_000);

  it('sees students that are not what was registered, and a look at other figures', async () => {
    const other = (record: Record): object => {
      const { config } = record.data as { config: { seed: number } };
      return record.type === 'DistillationStarted' ? { data: { ...record.data, config: { ...config, seed: 7 } } } : {};
    };
    expect((await unlawful(other)).join('\n')).toMatch(/differs from what experiment lesson registered, in seed/);
    const better = (record: Record): object => {
      if (record.type !== 'TransferConcluded' || record.data['arm'] !== 'hidden') return {};
      const { downstream } = record.data as { downstream: object };
      return { data: { ...record.data, downstream: { ...downstream, exactMean: 0.9 } } };
    };
    expect((await unlawful(better)).join('\n')).toMatch(/HypothesisConcluded: the rules write it otherwise/);
  });
});

describe('bad input ends with one line and 2', () => {
  it.each([
    ['a run beside it', { run: { sequence: 64 } }, /run: .*a distillation has no runs/],
    ['a metric of runs', { hypotheses: [hypothesis('h', { metric: 'capability' })] }, /hypotheses\.0\.metric/],
    [
      'a family that it does not have',
      { hypotheses: [hypothesis('h', { metric: 'transfer-exact.sort' })] },
      /families are recall, dyck/,
    ],
    [
      'alignment with the teacher itself',
      {
        hypotheses: [hypothesis('h', { metric: 'alignment-cka', against: 'teacher' })],
        primaryMetric: 'alignment-cka',
      },
      /is what students are aligned with/,
    ],
    ['no arm without a teacher', { arms: registration.arms.slice(1) }, /arms\.0/],
    [
      'a treatment that there is not',
      { arms: [{ arm: 'none' }, { arm: 'hidden', changes: { hiden: 1 } }] },
      /arms\.1\.changes/,
    ],
    [
      'a layer too many',
      { distillation: { ...registration.distillation, layers: { teacher: 2, student: 1 } } },
      /distillation\.layers\.teacher/,
    ],
  ])('%s', async (_, changes, message) => {
    const bad = folder.path('bad.yaml');
    await writeFile(bad, JSON.stringify({ ...registration, ...changes }));
    const ended = await asked(folder.path('bad'), 'experiment', 'register', bad);
    expect(ended).toMatchObject({ code: 2, stdout: '', stderr: expect.stringMatching(message) });
    expect(ended.stderr.trim().split('\n')).toHaveLength(1);
  });
});
