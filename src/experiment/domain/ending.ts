import type { RunEvent } from '#run/domain/events.js';
import { candidateIn } from '#run/domain/cycle.js';
import { isAtRest } from '#run/domain/next-step.js';
import { cycleOf, runStream, type Run, type Started } from '#run/domain/run.js';
import { distillationStream } from '#distillation/domain/distillation.js';
import { readingOfStudent, type DistillationEnding } from './distilled.js';
import type { PlannedRun } from './planned-runs.js';
import type { Hypothesis, Registration } from './registration.js';

/** How a run ended: as it completed, whatever was done to it since, or as it stands where it goes no further. */
export type RunEnding = Readonly<{
  planned: PlannedRun;
  run: Started;
  /** Revision of its last event that counts. */
  revision: number;
  /** Where each checkpoint's report is recorded. */
  probedAt: ReadonlyMap<string, number>;
}>;

/** How a run ended, or a student. */
export type Ending = RunEnding | DistillationEnding;

/** Its stream and the last revision of it that counts. */
export const endCited = (ending: Ending): Readonly<{ stream: string; revision: number }> => {
  const { name } = 'begun' in ending ? distillationStream : runStream;
  return { stream: `${name}-${ending.planned.run}`, revision: ending.revision };
};

/** @param events all of the run's, in order; undefined while something is left to do in it */
export const endingOf = (planned: PlannedRun, events: readonly RunEvent[]): RunEnding | undefined => {
  const completed = events.findIndex(({ type }) => type === 'RunCompleted');
  const counted = completed < 0 ? events : events.slice(0, completed + 1);
  const run = counted.reduce<Run>(runStream.evolve, runStream.initial);
  if (!isAtRest(run)) return undefined;
  const probedAt = new Map<string, number>();
  counted.forEach((event, revision) => {
    if (event.type === 'ProbesRecorded' && event.data.role === 'report') probedAt.set(event.data.checkpoint, revision);
  });
  return { planned, run, revision: counted.length - 1, probedAt };
};

/** What the report says of one checkpoint of a run, or by which failure rule it says nothing. */
export type Reading =
  | Readonly<{ value: number; anchor: number; cite: Readonly<{ stream: string; revision: number }> }>
  | Readonly<{ failed: keyof Registration['failureRules'] }>;

/** @param which the champion at the end, a cycle's candidate (the last one's where none is named), or where the run began */
export const readingOf = (
  ending: Ending,
  metric: Hypothesis['metric'],
  which: Hypothesis['reads'] | 'anchor',
  named?: number,
): Reading => {
  if ('begun' in ending) return readingOfStudent(ending, metric, which === 'anchor' ? 'teacher' : 'student');
  const { planned, run, probedAt } = ending;
  const cycle = named ?? run.config.cycles;
  if (run.look === undefined) return { failed: 'endedEarly' };
  const checkpoint = {
    champion: run.champion,
    candidate: candidateIn(cycleOf(run, cycle)),
    anchor: run.anchor?.checkpoint,
  }[which];
  const valueOf = (hash: string | undefined): number | undefined =>
    run.reported.find((probe) => probe.checkpoint === hash)?.metrics[metric];
  const [value, anchor] = [valueOf(checkpoint), valueOf(run.anchor?.checkpoint)];
  const revision = probedAt.get(checkpoint ?? '');
  if (value === undefined || anchor === undefined || revision === undefined) return { failed: 'noReading' };
  return { value, anchor, cite: { stream: `${runStream.name}-${planned.run}`, revision } };
};
