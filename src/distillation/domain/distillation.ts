import { Refused, type Decision, type Stream } from '#ledger/decider.js';
import { NONE, type Arm, type DistillationConfig } from './config.js';
import {
  AlignmentMeasured,
  distillationEvents,
  DistillationStarted,
  StudentTrained,
  TracesCaptured,
  TrainingAborted,
  TransferConcluded,
  type DataOf,
  type DistillationEvent,
} from './events.js';

/** What became of one arm so far. */
export type Student = Readonly<{
  trained?: DataOf<'StudentTrained'>;
  aborted?: DataOf<'TrainingAborted'>;
  alignment?: DataOf<'AlignmentMeasured'>;
  transfer?: DataOf<'TransferConcluded'>;
}>;

export type Begun = Readonly<{
  status: 'begun';
  config: DistillationConfig;
  experiment: string | null;
  inputs: Omit<DataOf<'DistillationStarted'>, 'config' | 'experiment'>;
  teacher?: DataOf<'TracesCaptured'>;
  /** Of the teacher. */
  aborted?: DataOf<'TrainingAborted'>;
  students: Readonly<Record<string, Student>>;
}>;
export type Distillation = Readonly<{ status: 'absent' }> | Begun;

export type DistillationDecision = Decision<Distillation, (typeof distillationEvents)[number]>;

const withStudent = (state: Begun, arm: string, more: Student): Begun => ({
  ...state,
  students: { ...state.students, [arm]: { ...state.students[arm], ...more } },
});

export const evolve = (state: Distillation, event: DistillationEvent): Distillation => {
  if (event.type === 'DistillationStarted') {
    const { config, experiment, ...inputs } = event.data;
    return { status: 'begun', config, experiment, inputs, students: {} };
  }
  // What no beginning stands before is of no distillation: whoever decides it again says so, and all others read on.
  if (state.status === 'absent') return state;
  switch (event.type) {
    case 'TracesCaptured':
      return { ...state, teacher: event.data };
    case 'StudentTrained':
      return withStudent(state, event.data.arm, { trained: event.data });
    case 'TrainingAborted': {
      const { arm } = event.data;
      return arm === null ? { ...state, aborted: event.data } : withStudent(state, arm, { aborted: event.data });
    }
    case 'AlignmentMeasured':
      return withStudent(state, event.data.arm, { alignment: event.data });
    case 'TransferConcluded':
      return withStudent(state, event.data.arm, { transfer: event.data });
  }
};

export const distillationStream: Stream<Distillation, (typeof distillationEvents)[number]> = {
  name: 'distillation',
  events: distillationEvents,
  initial: { status: 'absent' },
  evolve,
};

/** What comes next, from the events alone, so that whoever goes on after a crash does no finished step twice. */
export type Step =
  | Readonly<{ kind: 'capture' }>
  | Readonly<{ kind: 'train' | 'align' | 'transfer'; arm: Arm }>
  | Readonly<{ kind: 'rest' }>;

export const nextStep = ({ config, teacher, aborted, students }: Begun): Step => {
  // Without a teacher there is nothing to learn, and without the student that has none nothing to be held against.
  if (aborted || students[NONE]?.aborted) return { kind: 'rest' };
  if (!teacher) return { kind: 'capture' };
  for (const arm of config.arms) {
    const student = students[arm.arm];
    if (student?.aborted) continue;
    if (!student?.trained) return { kind: 'train', arm };
    if (!student.alignment) return { kind: 'align', arm };
    if (!student.transfer) return { kind: 'transfer', arm };
  }
  return { kind: 'rest' };
};

export const isAtRest = (state: Distillation): state is Begun =>
  state.status === 'begun' && nextStep(state).kind === 'rest';

/** @throws Refused unless the step is what comes next */
const requireNext = (state: Distillation, kind: Step['kind'], arm?: string): Begun => {
  if (state.status === 'absent')
    throw new Refused('there is no such distillation; `distillation list` shows those there are');
  const next = nextStep(state);
  const due = 'arm' in next ? `${next.kind} of arm ${next.arm.arm}` : next.kind;
  if (next.kind === kind && (!('arm' in next) || next.arm.arm === arm)) return state;
  throw new Refused(
    `distillation ${state.config.distillation}: ${kind}${arm ? ` of arm ${arm}` : ''} is not what comes next: ${due} is`,
  );
};

const tokensOf = ({ student, sequence }: DistillationConfig): number =>
  student.training.steps * student.training.batch * sequence;

export const startDistillation =
  (data: DataOf<'DistillationStarted'>): DistillationDecision =>
  (state) => {
    const { distillation } = data.config;
    if (state.status !== 'absent')
      throw new Refused(`distillation: ${distillation} exists already; choose another name`);
    return [DistillationStarted.of(data)];
  };

export const captureTraces =
  (data: DataOf<'TracesCaptured'>): DistillationDecision =>
  (state) => {
    const { config } = requireNext(state, 'capture');
    if ((data.shuffled !== null) !== config.arms.some(({ shuffled }) => shuffled))
      throw new Refused('shuffled traces are there where an arm takes them, and nowhere else');
    return [TracesCaptured.of(data)];
  };

/** Arms of a seed begin with the same weights and read the same number of bytes. */
export const trainStudent =
  (data: DataOf<'StudentTrained'>): DistillationDecision =>
  (state) => {
    const { config, students } = requireNext(state, 'train', data.arm);
    const first = students[NONE]?.trained?.initial ?? data.initial;
    if (data.initial !== first) throw new Refused(`arm ${data.arm} begins with other weights than arm ${NONE}`);
    if (data.tokens !== tokensOf(config))
      throw new Refused(`arm ${data.arm} read ${data.tokens} tokens; every arm reads ${tokensOf(config)}`);
    return [StudentTrained.of(data)];
  };

export const abortTraining =
  (data: DataOf<'TrainingAborted'>): DistillationDecision =>
  (state) => {
    if (data.arm === null) requireNext(state, 'capture');
    else requireNext(state, 'train', data.arm);
    return [TrainingAborted.of(data)];
  };

const requireOwn = ({ students }: Begun, { arm, student }: Readonly<{ arm: string; student: string }>): void => {
  const own = students[arm]?.trained?.student;
  if (student !== own) throw new Refused(`arm ${arm} trained student ${own}, not ${student}`);
};

export const measureAlignment =
  (data: DataOf<'AlignmentMeasured'>): DistillationDecision =>
  (state) => {
    requireOwn(requireNext(state, 'align', data.arm), data);
    return [AlignmentMeasured.of(data)];
  };

export const concludeTransfer =
  (data: DataOf<'TransferConcluded'>): DistillationDecision =>
  (state) => {
    requireOwn(requireNext(state, 'transfer', data.arm), data);
    const against = data.arm === NONE ? null : NONE;
    if (data.against !== against) throw new Refused(`arm ${data.arm} is held against ${against ?? 'none other'}`);
    return [TransferConcluded.of(data)];
  };

/** The decision that alone may have written an event. */
export const decisionBehind = (event: DistillationEvent): DistillationDecision => {
  switch (event.type) {
    case 'DistillationStarted':
      return startDistillation(event.data);
    case 'TracesCaptured':
      return captureTraces(event.data);
    case 'StudentTrained':
      return trainStudent(event.data);
    case 'TrainingAborted':
      return abortTraining(event.data);
    case 'AlignmentMeasured':
      return measureAlignment(event.data);
    case 'TransferConcluded':
      return concludeTransfer(event.data);
  }
};
