import { differences } from '#constitution/domain/constitution.js';
import { checkedConfigSchema, NONE, type Complaint, type DistillationConfig } from '#distillation/domain/config.js';
import { isAtRest, distillationStream, type Begun, type Distillation } from '#distillation/domain/distillation.js';
import type { DataOf, DistillationEvent, Downstream } from '#distillation/domain/events.js';
import type { InForce } from './beginning.js';
import type { Reading } from './ending.js';
import { plannedRuns, type PlannedRun } from './planned-runs.js';
import {
  ALIGNMENT_METRICS,
  ANCHOR,
  EXACT,
  isOfStudents,
  TEACHER,
  type Hypothesis,
  type Registration,
} from './registration.js';

type Settings = Readonly<{ distillation: string; seed: number; contract: 'nc-1'; arms: readonly object[] }>;

/** What a distillation of one seed is: the shared settings, and how each arm's student is taught. */
export const distillationFile = (
  { distillation, arms }: Registration,
  { run, seed }: Pick<PlannedRun, 'run' | 'seed'>,
): Settings => ({
  ...distillation,
  distillation: run,
  seed,
  contract: 'nc-1',
  arms: arms.map(({ arm, changes }) => ({ ...changes, arm })),
});

const wrongHypotheses = ({ hypotheses }: Registration, families: readonly string[]): readonly Complaint[] =>
  hypotheses.flatMap(({ metric, arm, against, reads, cycle, againstCycle }, at): readonly Complaint[] => {
    const complain = (field: string, message: string): readonly Complaint[] => [
      { path: ['hypotheses', at, field], message },
    ];
    if (!isOfStudents(metric)) return complain('metric', 'says nothing of a student; see docs/distillation.md');
    const family = metric.startsWith(`${EXACT}.`) ? metric.slice(EXACT.length + 1) : undefined;
    if (family !== undefined && !families.includes(family))
      return complain('metric', `the families are ${families.join(', ')}`);
    if (against === ANCHOR) return complain('against', `a student has no anchor; name another arm or ${TEACHER}`);
    if (against === TEACHER && ALIGNMENT_METRICS.includes(metric))
      return complain('against', `the ${TEACHER} is what students are aligned with; name another arm`);
    if (arm === TEACHER) return complain('arm', `hold an arm against the ${TEACHER}`);
    if (reads !== 'champion' || cycle !== undefined || againstCycle !== undefined)
      return complain('reads', 'a student has no cycles; leave it out');
    return [];
  });

/** What a registration of a distillation may not say. */
export const wrongDistilled = (registration: Registration): readonly Complaint[] => {
  const { distillation, run, pairedWith, cycles, arms } = registration;
  if (!distillation)
    return registration.hypotheses.flatMap(({ metric, against }, at): readonly Complaint[] => {
      if (isOfStudents(metric) && metric !== 'general-bits-per-byte')
        return [{ path: ['hypotheses', at, 'metric'], message: 'is of a distillation, and this is none' }];
      const named = arms.some(({ arm }) => arm === TEACHER);
      return against === TEACHER && !named
        ? [{ path: ['hypotheses', at, 'against'], message: 'is of a distillation, and this is none' }]
        : [];
    });
  const found: Complaint[] = [...wrongHypotheses(registration, distillation.families)];
  const complain = (field: string, message: string): void => void found.push({ path: [field], message });
  if (Object.keys(run).length > 0) complain('run', 'a distillation has no runs; leave it out');
  if (pairedWith !== undefined) complain('pairedWith', 'a distillation is paired with none; leave it out');
  if (cycles !== 1) complain('cycles', 'a distillation has no cycles; leave it out');
  const parsed = checkedConfigSchema.safeParse(distillationFile(registration, { run: 'x', seed: 0 }));
  for (const { path, message } of parsed.error?.issues ?? []) {
    const [field, at, ...rest] = path as (string | number)[];
    const where = field === 'arms' ? ['arms', at ?? 0, 'changes', ...rest] : ['distillation', ...path];
    found.push({ path: where as (string | number)[], message });
  }
  return found;
};

/** A distillation that is at its end, read for one of its arms. */
export type DistillationEnding = Readonly<{ planned: PlannedRun; begun: Begun; revision: number }> &
  Readonly<{ places: ReadonlyMap<string, number> }>;

const placeOf = (type: string, arm: string): string => `${type} ${arm}`;

/** @param events all of the distillation's, in order; undefined while an arm of it is not concluded */
export const endingOfStudent = (
  planned: PlannedRun,
  events: readonly DistillationEvent[],
): DistillationEnding | undefined => {
  const begun = events.reduce<Distillation>(distillationStream.evolve, distillationStream.initial);
  if (!isAtRest(begun)) return undefined;
  const places = new Map(
    events.map(({ type, data }, revision) => [
      placeOf(type, 'arm' in data ? (data.arm ?? TEACHER) : TEACHER),
      revision,
    ]),
  );
  return { planned, begun, revision: events.length - 1, places };
};

const downstreamValue = (
  { families, exactMean, generalBitsPerByte }: Downstream,
  metric: Hypothesis['metric'],
): number | null => {
  if (metric === 'general-bits-per-byte') return generalBitsPerByte;
  if (metric === EXACT) return exactMean;
  const family = families[metric.slice(EXACT.length + 1)];
  return family ? family.exact / family.items : null;
};

const ALIGNMENT = {
  'alignment-r2': 'r2',
  'alignment-cka': 'cka',
  'alignment-relative-error': 'relativeError',
} as const;

/** What a student does, or how it is aligned, never one for the other; `anchor`: what the student without a teacher has. */
export const readingOfStudent = (
  { planned, begun, places }: DistillationEnding,
  metric: Hypothesis['metric'],
  who: 'student' | 'teacher',
): Reading => {
  const { aborted, students } = begun;
  if ([aborted, students[NONE]?.aborted, students[planned.arm]?.aborted].some(Boolean)) return { failed: 'endedEarly' };
  const figure = ALIGNMENT[metric as keyof typeof ALIGNMENT] as (typeof ALIGNMENT)[keyof typeof ALIGNMENT] | undefined;
  const valueOf = (arm: string): number | null | undefined => {
    const { alignment, transfer } = begun.students[arm] ?? {};
    return figure ? alignment?.[figure] : transfer && downstreamValue(transfer.downstream, metric);
  };
  const ofTeacher = begun.teacher && downstreamValue(begun.teacher.downstream, metric);
  const value = who === 'teacher' ? ofTeacher : valueOf(planned.arm);
  const anchor = valueOf(NONE);
  const type = figure ? 'AlignmentMeasured' : 'TransferConcluded';
  const place = who === 'teacher' ? placeOf('TracesCaptured', TEACHER) : placeOf(type, planned.arm);
  const revision = places.get(place);
  if (typeof value !== 'number' || typeof anchor !== 'number' || revision === undefined) return { failed: 'noReading' };
  return { value, anchor, cite: { stream: `${distillationStream.name}-${planned.run}`, revision } };
};

/** Why no distillation may have begun so; undefined where one may. @param known registrations that stand before it in the log */
export const wrongDistillation = (
  known: readonly InForce[],
  { config, experiment }: DataOf<'DistillationStarted'>,
): string | undefined => {
  const { distillation: name } = config;
  for (const { registration, leaf } of known.filter((one) => one.registration.distillation)) {
    const planned = plannedRuns(registration, leaf).find(({ run }) => run === name);
    if (!planned) continue;
    const owner = registration.experiment;
    if (experiment !== owner)
      return `distillation: ${name} is one of experiment ${owner}, which \`experiment run ${owner}\` starts; choose another name`;
    const expected: DistillationConfig = checkedConfigSchema.parse(distillationFile(registration, planned));
    const [change] = differences('', expected, config);
    return change && `distillation: ${name} differs from what experiment ${owner} registered, in ${change.path}`;
  }
  return experiment === null ? undefined : `distillation: ${name} is none of a registered experiment ${experiment}`;
};
