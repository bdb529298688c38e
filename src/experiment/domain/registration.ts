import { z } from 'zod';
import { FAMILY_NAMES } from '#corpus/domain/families.js';
import { settingShape } from '#distillation/domain/config.js';
import { nameSchema } from '#ledger/schema.js';
import { cyclesSchema } from '#run/domain/config.js';

const textSchema = z.string().min(1).max(2_000);
const shareSchema = z.number().positive().max(0.5);
const fieldsSchema = z.record(z.string(), z.unknown());

/** Its runs are called `<experiment>-<arm>-<seed's number>`, and a run's name has 56 characters. */
const partOfName = nameSchema.max(24, 'must be at most 24 characters, since runs are called after it');

const MOST_SEEDS = 64;

const ACCURACY = 'accuracy.';
/** What a student gives exactly, of all families and of each, and how its hidden states tell the teacher's. */
export const EXACT = 'transfer-exact';
export const ALIGNMENT_METRICS: readonly string[] = ['alignment-r2', 'alignment-cka', 'alignment-relative-error'];
/** What the report says of a checkpoint: over all targets, of general text, and of each family alone. */
export const METRICS = [
  'capability',
  'general-bits-per-byte',
  ...FAMILY_NAMES.map((family) => `${ACCURACY}${family}`),
  EXACT,
  ...FAMILY_NAMES.map((family) => `${EXACT}.${family}`),
  ...ALIGNMENT_METRICS,
] as [string, ...string[]];
/** The family that a metric is about alone; undefined for one of the whole. */
export const familyIn = (metric: string): string | undefined =>
  metric.startsWith(ACCURACY) ? metric.slice(ACCURACY.length) : undefined;
const isExact = (metric: string): boolean => metric === EXACT || metric.startsWith(`${EXACT}.`);
/** Metrics of a distillation. */
export const isOfStudents = (metric: string): boolean =>
  metric === 'general-bits-per-byte' || isExact(metric) || ALIGNMENT_METRICS.includes(metric);
/** Shares of one, larger is better: differences are points. Of the others, where less is better, they are percent. */
export const isAccuracy = (metric: string): boolean =>
  metric === 'capability' ||
  metric.startsWith(ACCURACY) ||
  isExact(metric) ||
  metric === 'alignment-r2' ||
  metric === 'alignment-cka';
export const OUTCOMES = ['superior', 'equivalent', 'non-inferior', 'inferior', 'inconclusive'] as const;
export const outcomeSchema = z.enum(OUTCOMES);
export type Outcome = z.output<typeof outcomeSchema>;

/** An arm is held against another one, or against its own anchor: what it was before its first cycle. */
export const ANCHOR = 'anchor';
/** A student may also be held against its own teacher. */
export const TEACHER = 'teacher';

export const hypothesisSchema = z.strictObject({
  hypothesis: nameSchema,
  claim: textSchema,
  metric: z.enum(METRICS),
  arm: nameSchema,
  against: nameSchema,
  /** What is read: the champion at the end, or the last cycle's candidate whatever the gate said of it. */
  reads: z.enum(['champion', 'candidate']).default('champion'),
  /** Of a candidate: which cycle's, on this side and on the other; left out, the last one's. */
  cycle: z.int().positive().optional(),
  againstCycle: z.int().positive().optional(),
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
  /** The arm of the experiment that this one is paired with whose runs it takes for its own. */
  sameAs: partOfName.optional(),
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
  /** In the place of runs: teachers and students, of which an arm's changes say how it is taught. */
  distillation: settingShape.optional(),
  arms: z.array(armSchema).min(1).max(12),
  /** How many; which ones follows from the registration's record, so that nobody chooses them. */
  seeds: z.int().min(2).max(MOST_SEEDS),
  /** A registered experiment whose seeds, shared run file and cycles this one takes, so that it may share its arms. */
  pairedWith: partOfName.optional(),
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

/** An experiment as the log has it. */
export type Registration = Readonly<z.output<typeof registrationShape>>;
/** The looks there will be: one at the end unless others are registered. */
export const looksOf = ({ looks, seeds }: Pick<Registration, 'looks' | 'seeds'>): readonly number[] => looks ?? [seeds];

export const alphaOfLook = (registration: Registration): number => registration.alpha / looksOf(registration).length;

/** Fields of a run file that the experiment says itself. */
export const OF_THE_EXPERIMENT: readonly string[] = ['run', 'arm', 'seed', 'cycles', 'parent'];

/** Smallest effect of interest in the unit of the hypothesis. */
export const sesoiOf = ({ sesoiPoints }: Registration, { metric, sesoi }: Hypothesis): number =>
  sesoi ?? (isAccuracy(metric) ? sesoiPoints : 1);
