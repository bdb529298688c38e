import { distillationStream, isAtRest, type Distillation } from '#distillation/domain/distillation.js';
import { nothingToTeach } from '#distillation/domain/document.js';
import type { DistillationEvent } from '#distillation/domain/events.js';
import type { ExperimentEvent } from '#experiment/domain/events.js';
import { experimentStream, type Registered } from '#experiment/domain/experiment.js';
import type { PlannedRun } from '#experiment/domain/planned-runs.js';
import type { RunEvent } from '#run/domain/events.js';
import type { Cite } from './document.js';

/** An event and where it stands; when and by whom as whoever wrote it said. */
export type Placed<E> = Readonly<{ event: E; cite: Cite; at: string; by: string }>;

export type ToldRun = Readonly<{ planned: PlannedRun; events: readonly Placed<RunEvent>[] }>;

export type ToldStudents = Readonly<{
  planned: Pick<PlannedRun, 'run' | 'number' | 'seed'>;
  events: readonly Placed<DistillationEvent>[];
}>;

/** Everything that a report is made from: what the log says of one experiment. */
export type Told = Readonly<{
  experiment: readonly Placed<ExperimentEvent>[];
  /** Leaf hash of the record of its registration, hex. */
  leaf: string;
  /** Every planned run in its order, whether it began or not; a distillation has none. */
  runs: readonly ToldRun[];
  /** In the place of runs, where it has none: the distillation of each seed, whether it began or not. */
  students: readonly ToldStudents[];
  /** Runs and distillations that began before it was registered, on the same general text. */
  earlier: readonly Readonly<{ kind: 'run' | 'distillation'; name: string; cite: Cite }>[];
  /** Bytes of the training split of each corpus. */
  trainBytes: ReadonlyMap<string, number>;
}>;

const distillationIn = ({ events }: ToldStudents): Distillation =>
  events.map(({ event }) => event).reduce(distillationStream.evolve, distillationStream.initial);

/** Whether every student of a seed was examined that there is. */
export const isExamined = (students: ToldStudents): boolean => isAtRest(distillationIn(students));

/** Families in which the teacher of a seed is no better than the student without one. */
export const poorIn = (students: ToldStudents): readonly string[] => {
  const distillation = distillationIn(students);
  return distillation.status === 'absent' ? [] : nothingToTeach(distillation);
};

type OfType<E extends { type: string }, T extends E['type']> = Placed<Extract<E, { type: T }>>;

/** The events of one type, in their order. */
export const ofType = <E extends { type: string }, T extends E['type']>(
  events: readonly Placed<E>[],
  type: T,
): readonly OfType<E, T>[] => events.filter((one) => one.event.type === type) as unknown as readonly OfType<E, T>[];

/** @throws RangeError where its first record is no registration */
export const registeredIn = ({ experiment }: Pick<Told, 'experiment'>): Registered => {
  const state = experiment.map(({ event }) => event).reduce(experimentStream.evolve, experimentStream.initial);
  if (state.status === 'absent') throw new RangeError('experiment: its first record is no registration');
  return state;
};

/** Reports say nothing of themselves, so that one that is made after another was published is the same. */
export const asOfTold = ({ experiment, runs, students }: Told): number =>
  Math.max(
    ...[
      ...experiment.filter(({ event }) => event.type !== 'ReportPublished'),
      ...runs.flatMap(({ events }) => events),
      ...students.flatMap(({ events }) => events),
    ].map(({ cite }) => cite.position),
  );
