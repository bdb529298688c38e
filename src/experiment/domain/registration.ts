import { z } from 'zod';
import { nameSchema } from '#ledger/schema.js';
import { cyclesSchema } from '#run/domain/config.js';

const textSchema = z.string().min(1).max(2_000);
const shareSchema = z.number().positive().max(0.5);
const fieldsSchema = z.record(z.string(), z.unknown());

/** Its runs are called `<experiment>-<arm>-<seed's number>`, and a run's name has 56 characters. */
const partOfName = nameSchema.max(24, 'must be at most 24 characters, since runs are called after it');

/** The most runs whose ends one look can name in a single event. */
const MOST_RUNS = 400;
const MOST_SEEDS = 64;

export const METRICS = ['capability', 'general-bits-per-byte'] as const;
export const OUTCOMES = ['superior', 'equivalent', 'non-inferior', 'inferior', 'inconclusive'] as const;
export const outcomeSchema = z.enum(OUTCOMES);
export type Outcome = z.output<typeof outcomeSchema>;

/** An arm is held against another one, or against its own anchor: what it was before its first cycle. */
export const ANCHOR = 'anchor';

export const hypothesisSchema = z.strictObject({
  hypothesis: nameSchema,
  claim: textSchema,
  metric: z.enum(METRICS),
  arm: nameSchema,
  against: nameSchema,
  /** What is read: the champion at the end, or the last cycle's candidate whatever the gate said of it. */
  reads: z.enum(['champion', 'candidate']).default('champion'),
  /** `non-inferior`: not worse by as much as is of interest; whether it is better as well is left open. */
  expects: z.enum(['superior', 'equivalent', 'non-inferior', 'inferior']),
  /** Smallest effect of interest: points of capability, percent of the anchor's bits per byte. */
  sesoi: z.number().positive().max(100).optional(),
  test: z.enum(['paired-t', 'wilcoxon']).default('paired-t'),
});
export type Hypothesis = z.output<typeof hypothesisSchema>;

const armSchema = z.strictObject({
  arm: partOfName,
  /** Fields of the run file by their path, such as `regime` or `base.steps`, with what they are in this arm. */
  changes: fieldsSchema.default({}),
});

/** What is done with a seed that gives no reading: no result for the hypothesis, or one pair less. */
const answerSchema = z.enum(['inconclusive', 'leave-out']);

const predictionSchema = z.strictObject({
  by: textSchema,
  hypothesis: nameSchema,
  outcome: outcomeSchema,
  probability: z.number().min(0).max(1),
});

/** Its shape alone, which is what a record must have for ever. */
export const registrationShape = z.strictObject({
  experiment: partOfName,
  question: textSchema,
  /** The run file that all arms share, without run, arm, seed and cycles. */
  run: fieldsSchema.default({}),
  arms: z.array(armSchema).min(1).max(12),
  /** How many; which ones follows from the registration's record, so that nobody chooses them. */
  seeds: z.int().min(2).max(MOST_SEEDS),
  cycles: cyclesSchema,
  primaryMetric: z.enum(METRICS).default('capability'),
  /** Smallest difference of capability that is of interest, in points, where a hypothesis says no other. */
  sesoiPoints: z.number().positive().max(100).default(1),
  hypotheses: z.array(hypothesisSchema).min(1).max(32),
  /** The chance of confirming any hypothesis that does not hold, all looks together. */
  alpha: shareSchema.default(0.05),
  /** After how many seeds it is concluded, and at last after all; alpha is shared equally. Left out: once, at the end. */
  looks: z.array(z.int().min(2).max(MOST_SEEDS)).min(1).max(8).optional(),
  failureRules: z
    .strictObject({
      /** The run was halted, or its base could not be trained, so that no report was read. */
      endedEarly: answerSchema.default('inconclusive'),
      /** The last cycle has no candidate that a hypothesis is about, or a loss was not finite. */
      noReading: answerSchema.default('inconclusive'),
    })
    .prefault({}),
  predictions: z.array(predictionSchema).max(100).default([]),
});

type Shape = z.output<typeof registrationShape>;
type Complaint = Readonly<{ path: (string | number)[]; message: string }>;

/** The looks there will be: one at the end unless others are registered. */
export const looksOf = ({ looks, seeds }: Pick<Shape, 'looks' | 'seeds'>): readonly number[] => looks ?? [seeds];

export const alphaOfLook = (registration: Shape): number => registration.alpha / looksOf(registration).length;

const twice = (names: readonly string[], list: string, field: string): readonly Complaint[] =>
  names.flatMap((name, at) =>
    names.indexOf(name) < at ? [{ path: [list, at, field], message: `"${name}" is used twice` }] : [],
  );

const OF_THE_EXPERIMENT = ['run', 'arm', 'seed', 'cycles', 'parent'];

/** Fields that an arm or the shared file must leave to the experiment. */
const takenFields = ({ run, arms }: Shape): readonly Complaint[] => {
  const message = 'the experiment says this itself; leave it out';
  const taken = (fields: object, path: (string | number)[]): readonly Complaint[] =>
    Object.keys(fields).flatMap((field) =>
      OF_THE_EXPERIMENT.includes(field.split('.')[0] ?? '') ? [{ path: [...path, field], message }] : [],
    );
  return [...taken(run, ['run']), ...arms.flatMap(({ changes }, at) => taken(changes, ['arms', at, 'changes']))];
};

const wrongLooks = (registration: Shape): readonly Complaint[] => {
  const looks = looksOf(registration);
  const rising = looks.every((seeds, at) => at === 0 || seeds > (looks[at - 1] ?? 0));
  return rising && looks.at(-1) === registration.seeds
    ? []
    : [{ path: ['looks'], message: `must rise and end with all ${registration.seeds} seeds` }];
};

/** A signed rank test of n pairs has no p below 2 / 2^n; one that can never confirm anything is not worth its runs. */
const fewestForWilcoxon = (registration: Shape): number => {
  const wanted = alphaOfLook(registration) / registration.hypotheses.length;
  let [seeds, least] = [1, 1];
  for (; least > wanted; least /= 2) seeds += 1;
  return seeds;
};

const wrongHypothesis = (registration: Shape, hypothesis: Hypothesis, at: number): readonly Complaint[] => {
  const names = registration.arms.map(({ arm }) => arm);
  const complain = (field: string, message: string): Complaint => ({ path: ['hypotheses', at, field], message });
  const { arm, against, test } = hypothesis;
  const found: Complaint[] = [];
  if (!names.includes(arm)) found.push(complain('arm', `there is no such arm; there are ${names.join(', ')}`));
  if (against !== ANCHOR && !names.includes(against))
    found.push(complain('against', `there is no such arm; there are ${[...names, ANCHOR].join(', ')}`));
  if (against === arm) found.push(complain('against', 'an arm is not held against itself; name another, or anchor'));
  const fewest = test === 'wilcoxon' ? fewestForWilcoxon(registration) : 0;
  if (registration.seeds < fewest)
    found.push(
      complain(
        'test',
        `${registration.seeds} seeds are too few: its p is never below ${2 ** (1 - registration.seeds)}; ` +
          `with this alpha, these looks and ${registration.hypotheses.length} hypotheses at least ${fewest} are needed, or paired-t`,
      ),
    );
  return found;
};

const complaints = (registration: Shape): readonly Complaint[] => {
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
    ...wrongLooks(registration),
    ...hypotheses.flatMap((hypothesis, at) => wrongHypothesis(registration, hypothesis, at)),
  ];
  const complain = (path: (string | number)[], message: string): void => void found.push({ path, message });
  const named = arms.findIndex(({ arm }) => arm === ANCHOR);
  if (named >= 0)
    complain(['arms', named, 'arm'], `"${ANCHOR}" stands for where every arm begins; choose another name`);
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

/** An experiment as a person writes it, in YAML or JSON, and as the log has it. */
export const registrationSchema = registrationShape.superRefine((registration, context) => {
  for (const complaint of complaints(registration)) context.addIssue({ code: 'custom', ...complaint });
});
export type Registration = Readonly<z.output<typeof registrationSchema>>;

/** Smallest effect of interest in the unit of the hypothesis. */
export const sesoiOf = ({ sesoiPoints }: Registration, { metric, sesoi }: Hypothesis): number =>
  sesoi ?? (metric === 'capability' ? sesoiPoints : 1);
