import { checkDistillations } from '#audit/check-distillations.js';
import { OverlayArtifacts } from '#audit/scratch.js';
import { AdvanceDistillation, AdvanceDistillationHandler } from '#distillation/advance-distillation.js';
import { distillationStream, isAtRest, type Begun } from '#distillation/domain/distillation.js';
import type { DistillationEvent } from '#distillation/domain/events.js';
import { DistillationPorts } from '#distillation/ports.js';
import { replayDistillation, type DistillationReplay } from '#distillation/replay-distillation.js';
import { StartDistillation, StartDistillationHandler } from '#distillation/start-distillation.js';
import { Turn } from '#doors/turn.js';
import { NativeEvaluator } from '#evaluation/native-evaluator.js';
import { endingOfStudent, readingOfStudent } from '#experiment/domain/distilled.js';
import type { Reading } from '#experiment/domain/ending.js';
import type { PlannedRun } from '#experiment/domain/planned-runs.js';
import { collect, decode, Ledger } from '#ledger/ledger.js';
import { deviationPart } from '#report/domain/deviation-part.js';
import type { Placed, Told } from '#report/domain/told.js';
import { CountedClock } from '#store/counted-clock.js';
import { CountedIds } from '#store/counted-ids.js';
import { MemoryArtifacts } from '#store/memory-artifacts.js';
import { MemoryLog } from '#store/memory-log.js';
import type { Plan } from '#trainer/domain/plan.js';
import { loadNative } from '#trainer/native.js';
import { NativeTrainer } from '#trainer/train-natively.js';

const tiny = { dModel: 32, layers: 2, dState: 16, headDim: 16 };
const file = {
  distillation: 'tiny',
  seed: 7,
  sequence: 64,
  families: ['recall'],
  teacher: { model: { ...tiny, attention: [1] }, training: { steps: 4, batch: 4, learningRate: 0.004 } },
  student: { model: tiny, training: { steps: 4, batch: 4, learningRate: 0.004 } },
  traces: { sequences: 16, logits: 4 },
  layers: { teacher: 1, student: 1 },
  arms: [{ arm: 'none' }, { arm: 'hidden', hidden: 1 }, { arm: 'logits', logits: { weight: 1, temperature: 2 } }],
  evaluation: { items: 10, documents: 20, alignment: 4 },
};

type Spoils = (plan: Plan) => boolean;
const teacher: Spoils = ({ model }) => model.attention !== undefined;
const none: Spoils = (plan) => !teacher(plan) && plan.distillation === undefined;
const hidden: Spoils = ({ distillation }) => (distillation?.hidden.length ?? 0) > 0;
const nobody: Spoils = () => false;

const native = loadNative();
const quiet = { training: () => undefined, working: () => undefined };

/** Decays some weights until no figure is finite: no settings ask for such a thing, but the trainer carries it out. */
const portsOf = (
  spoils: Spoils,
  ledger = new Ledger(new MemoryLog(), new CountedClock(), new CountedIds()),
  artifacts = new MemoryArtifacts() as DistillationPorts['artifacts'],
): DistillationPorts => {
  const trainer = new NativeTrainer(native, ledger.clock, { threads: 2 });
  const teaching = {
    facts: () => trainer.facts(),
    trace: trainer.trace.bind(trainer),
    carryOut: ((plan, work) =>
      trainer.carryOut(
        spoils(plan) ? { ...plan, optimiser: { ...plan.optimiser, weightDecay: 2 ** 99 } } : plan,
        work,
      )) as NativeTrainer['carryOut'],
  };
  return new DistillationPorts(ledger, artifacts, teaching, new NativeEvaluator(native, { threads: 2 }), quiet);
};

const distil = async (spoils: Spoils): Promise<Readonly<{ ports: DistillationPorts; begun: Begun }>> => {
  const ports = portsOf(spoils);
  const origin = { requester: 'ada' };
  await new StartDistillationHandler(ports, new Turn()).execute(new StartDistillation(file, origin));
  return { ports, begun: await new AdvanceDistillationHandler(ports).execute(new AdvanceDistillation('tiny')) };
};
const eventsOf = async ({ ledger }: DistillationPorts): Promise<readonly string[]> =>
  (await collect(ledger.log.readStream('distillation-tiny'))).map(({ type, data }) =>
    'arm' in data ? `${type} ${String(data['arm'])}` : type,
  );
const replayed = (ports: DistillationPorts, spoils: Spoils): Promise<DistillationReplay> => {
  const ledger = new Ledger(new MemoryLog(), new CountedClock(), new CountedIds());
  const scratch = portsOf(spoils, ledger, new OverlayArtifacts(new MemoryArtifacts(), ports.artifacts));
  return replayDistillation(ports.ledger.log, scratch, 'tiny');
};

it('records a student that diverged, and goes on with the others', async () => {
  const { ports, begun } = await distil(hidden);
  const ofArm = (arm: string): readonly string[] =>
    ['StudentTrained', 'AlignmentMeasured', 'TransferConcluded'].map((type) => `${type} ${arm}`);
  expect(await eventsOf(ports)).toEqual([
    'DistillationStarted',
    'TracesCaptured',
    ...ofArm('none'),
    'TrainingAborted hidden',
    ...ofArm('logits'),
  ]);
  expect(isAtRest(begun)).toBe(true);
  expect(begun.students['hidden']).toMatchObject({ aborted: { reason: 'non-finite', step: expect.any(Number) } });
  expect(await checkDistillations(ports)).toEqual({ checked: 9, unlawful: [], erased: [] });
  expect(await replayed(ports, hidden)).toMatchObject({ equal: true, matched: 9 });
  // Whoever trains it rightly finds that the record is not what comes out.
  expect(await replayed(ports, nobody)).toMatchObject({
    equal: false,
    divergence: { type: 'TrainingAborted', found: 'StudentTrained' },
  });
}, 60_000);

it('is answered by a rule of the experiment, and told by its report', async () => {
  const { ports } = await distil(hidden);
  const recorded: Placed<DistillationEvent>[] = [];
  for await (const { position, record } of ports.ledger.log.readStream('distillation-tiny')) {
    const { stream, revision } = record;
    const event = decode(distillationStream.events, record);
    recorded.push({ event, cite: { stream, revision, position }, at: '', by: '' });
  }
  const seed = { run: 'tiny', number: 1, seed: 7 };
  const readingIn = (arm: string): Reading => {
    const planned = { ...seed, arm } as PlannedRun;
    const ending = endingOfStudent(
      planned,
      recorded.map(({ event }) => event),
    );
    if (!ending) throw new Error('it is not at its end');
    return readingOfStudent(ending, 'transfer-exact', 'student');
  };
  expect(readingIn('hidden')).toEqual({ failed: 'endedEarly' });
  expect(readingIn('logits')).toMatchObject({ value: expect.any(Number), cite: { stream: 'distillation-tiny' } });
  const told = { students: [{ planned: seed, events: recorded }] } as unknown as Told;
  expect(JSON.stringify(deviationPart(told))).toMatch(
    /tiny \(seed 7\): the training of its student hidden was aborted: step \d+: .* not finite\./,
  );
}, 60_000);

it.each<[string, Spoils, readonly string[]]>([
  ['a teacher', teacher, ['DistillationStarted', 'TrainingAborted null']],
  ['the student without a teacher', none, ['DistillationStarted', 'TracesCaptured', 'TrainingAborted none']],
])(
  'ends with %s that diverged: nothing after it could be told',
  async (_, spoils, events) => {
    const { ports, begun } = await distil(spoils);
    expect(await eventsOf(ports)).toEqual(events);
    expect(isAtRest(begun)).toBe(true);
    expect((await checkDistillations(ports)).unlawful).toEqual([]);
    expect(await replayed(ports, spoils)).toMatchObject({ equal: true });
  },
  60_000,
);

it('is refused by whoever verifies where the plan is another', async () => {
  const { ports } = await distil(none);
  const log = new MemoryLog();
  for (const { stream, revision: _revision, ...proposed } of await collect(ports.ledger.log.readAll())) {
    const data = proposed.type === 'TrainingAborted' ? { ...proposed.data, plan: 'ab'.repeat(32) } : proposed.data;
    await log.append(stream, 'any', [{ ...proposed, data }]);
  }
  const { unlawful } = await checkDistillations({ ...ports, ledger: { log } });
  expect(unlawful).toMatchObject([{ type: 'TrainingAborted', because: expect.stringMatching(/in plan/) }]);
}, 60_000);
