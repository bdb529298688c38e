import { wrongDistilled } from './distilled.js';
import {
  alphaOfLook,
  ANCHOR,
  looksOf,
  OF_THE_EXPERIMENT,
  registrationShape,
  TEACHER,
  type Hypothesis,
  type Registration,
} from './registration.js';

/** The most runs whose ends one look can name in a single event. */
const MOST_RUNS = 400;

type Complaint = Readonly<{ path: (string | number)[]; message: string }>;

const twice = (names: readonly string[], list: string, field: string): readonly Complaint[] =>
  names.flatMap((name, at) =>
    names.indexOf(name) < at ? [{ path: [list, at, field], message: `"${name}" is used twice` }] : [],
  );

/** Fields that an arm or the shared file must leave to the experiment. */
const takenFields = ({ run, arms }: Registration): readonly Complaint[] => {
  const message = 'the experiment says this itself; leave it out';
  const taken = (fields: object, path: (string | number)[]): readonly Complaint[] =>
    Object.keys(fields).flatMap((field) =>
      OF_THE_EXPERIMENT.includes(field.split('.')[0] ?? '') ? [{ path: [...path, field], message }] : [],
    );
  return [...taken(run, ['run']), ...arms.flatMap(({ changes }, at) => taken(changes, ['arms', at, 'changes']))];
};

const wrongLooks = (registration: Registration): readonly Complaint[] => {
  const looks = looksOf(registration);
  const rising = looks.every((seeds, at) => at === 0 || seeds > (looks[at - 1] ?? 0));
  return rising && looks.at(-1) === registration.seeds
    ? []
    : [{ path: ['looks'], message: `must rise and end with all ${registration.seeds} seeds` }];
};

/** Claims of a direction are shown two-sided; that something is not worse, or within bounds, by one-sided tests. */
const isTwoSided = ({ expects }: Hypothesis): boolean => expects === 'superior' || expects === 'inferior';

/** A signed rank test of n pairs has no one-sided p below 1 / 2^n. */
const leastOfWilcoxon = (hypothesis: Hypothesis, seeds: number): number =>
  (isTwoSided(hypothesis) ? 2 : 1) / 2 ** seeds;

/** Seeds with which it can confirm anything at all; a test that never can is not worth its runs. */
const fewestForWilcoxon = (registration: Registration, hypothesis: Hypothesis): number => {
  const wanted = alphaOfLook(registration) / registration.hypotheses.length;
  let seeds = 1;
  while (leastOfWilcoxon(hypothesis, seeds) > wanted) seeds += 1;
  return seeds;
};

/** One cycle of a run is read of its candidates only: a champion may be of any cycle. */
const wrongCycles = (
  { cycles }: Registration,
  { reads, against, ...named }: Hypothesis,
): readonly Readonly<{ field: string; message: string }>[] =>
  (['cycle', 'againstCycle'] as const).flatMap((field) => {
    const cycle = named[field];
    if (cycle === undefined) return [];
    if (reads !== 'candidate')
      return [{ field, message: 'a cycle is named of candidates only; write reads: candidate' }];
    if (cycle > cycles) return [{ field, message: `there are ${cycles} cycles` }];
    return field === 'againstCycle' && against === ANCHOR
      ? [{ field, message: 'an anchor has no cycles; leave it out' }]
      : [];
  });

const wrongHypothesis = (registration: Registration, hypothesis: Hypothesis, at: number): readonly Complaint[] => {
  const names = registration.arms.map(({ arm }) => arm);
  const complain = (field: string, message: string): Complaint => ({ path: ['hypotheses', at, field], message });
  const { arm, against, test, cycle, againstCycle } = hypothesis;
  const found: Complaint[] = [];
  if (!names.includes(arm)) found.push(complain('arm', `there is no such arm; there are ${names.join(', ')}`));
  const own = registration.distillation ? TEACHER : ANCHOR;
  if (against !== ANCHOR && against !== TEACHER && !names.includes(against))
    found.push(complain('against', `there is no such arm; there are ${[...names, own].join(', ')}`));
  if (against === arm && cycle === againstCycle)
    found.push(
      complain('against', 'an arm is not held against itself; name another, or anchor, or another againstCycle'),
    );
  found.push(...wrongCycles(registration, hypothesis).map(({ field, message }) => complain(field, message)));
  const fewest = test === 'wilcoxon' ? fewestForWilcoxon(registration, hypothesis) : 0;
  if (registration.seeds < fewest)
    found.push(
      complain(
        'test',
        `${registration.seeds} seeds are too few: its p is never below ${leastOfWilcoxon(hypothesis, registration.seeds)}; ` +
          `with this alpha, these looks and ${registration.hypotheses.length} hypotheses at least ${fewest} are needed, or paired-t`,
      ),
    );
  return found;
};

/** Arms that have no runs of their own are another experiment's, as they are, and each of those is one arm here. */
const wrongSharing = ({ arms, pairedWith }: Registration): readonly Complaint[] =>
  arms.flatMap(({ sameAs, changes }, at): readonly Complaint[] => {
    if (sameAs === undefined) return [];
    const path = ['arms', at, 'sameAs'];
    const first = arms.findIndex((one) => one.sameAs === sameAs);
    if (first < at)
      return [{ path, message: `arm ${arms[first]?.arm} has these runs already; hold others against that one` }];
    if (pairedWith === undefined)
      return [
        { path, message: 'runs are shared with an experiment that this one is paired with; name it as pairedWith' },
      ];
    return Object.keys(changes).length > 0
      ? [{ path, message: 'an arm that is the same as another has no changes of its own; leave out one of both' }]
      : [];
  });

const complaints = (registration: Registration): readonly Complaint[] => {
  const { arms, seeds, hypotheses, predictions, primaryMetric } = registration;
  const found = [
    ...twice(
      arms.map(({ arm }) => arm),
      'arms',
      'arm',
    ),
    ...twice(
      hypotheses.map(({ hypothesis }) => hypothesis),
      'hypotheses',
      'hypothesis',
    ),
    ...takenFields(registration),
    ...wrongSharing(registration),
    ...wrongDistilled(registration),
    ...wrongLooks(registration),
    ...hypotheses.flatMap((hypothesis, at) => wrongHypothesis(registration, hypothesis, at)),
  ];
  const complain = (path: (string | number)[], message: string): void => void found.push({ path, message });
  for (const [at, { arm }] of arms.entries())
    if (arm === ANCHOR || arm === TEACHER)
      complain(['arms', at, 'arm'], `"${arm}" stands for where every arm begins; choose another name`);
  if (arms.length * seeds > MOST_RUNS)
    complain(
      ['seeds'],
      `${arms.length} arms of ${seeds} seeds are ${arms.length * seeds} runs; at most ${MOST_RUNS} are allowed`,
    );
  if (!hypotheses.some(({ metric }) => metric === primaryMetric))
    complain(['primaryMetric'], 'no hypothesis is about it; there must be one');
  predictions.forEach(({ hypothesis }, at) => {
    if (!hypotheses.some((one) => one.hypothesis === hypothesis))
      complain(['predictions', at, 'hypothesis'], 'there is no such hypothesis');
  });
  return found;
};

/** An experiment as a person writes it, in YAML or JSON. */
export const registrationSchema = registrationShape.superRefine((registration, context) => {
  for (const complaint of complaints(registration)) context.addIssue({ code: 'custom', ...complaint });
});
