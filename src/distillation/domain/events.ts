import { z } from 'zod';
import { event, type EventOf } from '#ledger/event.js';
import { artifactSchema, countSchema, nameSchema, sha256Schema } from '#ledger/schema.js';
import { configSchema } from './config.js';

const trainerSchema = z.strictObject({ build: z.string(), backend: z.string(), threads: countSchema });
const envSchema = trainerSchema.extend({ elapsedMs: z.number().nonnegative() });

/** What all arms of a seed share is drawn before anything is trained. Each field names a PLSQ artifact. */
export const DistillationStarted = event(
  'DistillationStarted',
  z.strictObject({
    config: configSchema,
    /** The registered experiment that it belongs to; null: it is exploratory. */
    experiment: nameSchema.nullable(),
    teacherBatches: artifactSchema,
    /** Sequences that the teacher is traced on. */
    traced: artifactSchema,
    /** The same sequences as every student reads them, step by step. */
    studentBatches: artifactSchema,
    /** Held-out sequences that hidden states are compared on. */
    alignment: artifactSchema,
    /** Held-out items that teacher and students are examined on. */
    examination: artifactSchema,
  }),
);

/** What a checkpoint does on the examination, whatever its hidden states look like. */
const downstreamSchema = z.strictObject({
  /** Artifact with the result of every item. */
  results: artifactSchema,
  families: z.record(
    nameSchema,
    z.strictObject({
      items: countSchema,
      /** Items whose answer greedy decoding gives to the last byte. */
      exact: countSchema,
      /** Of a whole answer. */
      nllNatsMean: z.number().nullable(),
    }),
  ),
  /** Unweighted mean over the families of the share of exact answers. */
  exactMean: z.number().min(0).max(1),
  generalBitsPerByte: z.number().nullable(),
});
export type Downstream = z.output<typeof downstreamSchema>;

const trainedShape = {
  /** Artifacts: what was asked of the trainer, what it says it did, and step by step. */
  plan: artifactSchema,
  receipt: artifactSchema,
  transcript: artifactSchema,
  optimiser: artifactSchema,
  steps: countSchema,
  tokens: countSchema,
  lossFirstNats: z.number(),
  lossLastNats: z.number(),
};

/** The teacher is trained, and says what it thinks at every position. `downstream`: a teacher worse than its students teaches nothing. */
export const TracesCaptured = event(
  'TracesCaptured',
  z.strictObject({
    teacher: artifactSchema,
    ...trainedShape,
    /** Artifact (PLTR) over the traced sequences. */
    traces: artifactSchema,
    /** The control's: the same records, each behind the tokens of another sequence; null where no arm takes it. */
    shuffled: artifactSchema.nullable(),
    /** Its hidden states on the sequences of the alignment. */
    alignmentTraces: artifactSchema,
    downstream: downstreamSchema,
    env: envSchema,
  }),
);

export const StudentTrained = event(
  'StudentTrained',
  z.strictObject({
    arm: nameSchema,
    student: artifactSchema,
    /** Its weights before: the same for every arm of a seed. */
    initial: sha256Schema,
    ...trainedShape,
    /** Distances from the teacher at the first and the last step; null where nobody teaches. */
    distances: z
      .strictObject({
        divergenceFirst: z.number().nullable(),
        divergenceLast: z.number().nullable(),
        hiddenFirst: z.number().nullable(),
        hiddenLast: z.number().nullable(),
      })
      .nullable(),
    env: envSchema,
  }),
);

/** A figure of the training was not finite: there is no such teacher, or student. Whoever trains it again gets no further. */
export const TrainingAborted = event(
  'TrainingAborted',
  z.strictObject({
    /** null: the teacher's. */
    arm: nameSchema.nullable(),
    plan: artifactSchema,
    reason: z.literal('non-finite'),
    step: countSchema.nullable(),
    message: z.string(),
    env: trainerSchema,
  }),
);

/** How well the student's hidden states tell the teacher's on held-out sequences. It says nothing of what the student can do. */
export const AlignmentMeasured = event(
  'AlignmentMeasured',
  z.strictObject({
    arm: nameSchema,
    student: sha256Schema,
    /** Artifact (PLTR): the student's hidden states. */
    traces: artifactSchema,
    layers: z.strictObject({ teacher: countSchema, student: countSchema }),
    positionsFitted: countSchema,
    positionsHeldOut: countSchema,
    r2: z.number(),
    relativeError: z.number().nonnegative(),
    cka: z.number(),
  }),
);

const probabilitySchema = z.number().min(0).max(1);
const comparisonSchema = z.strictObject({
  /** A family, all families, or bits per byte of general text. */
  measure: nameSchema,
  unit: z.enum(['points', 'percent']),
  /** What says that one is better: the exact test of items gained and lost, or the paired t test of blocks and documents. */
  test: z.enum(['mcnemar', 'paired-t']),
  outcome: z.enum(['superior', 'equivalent', 'inferior', 'inconclusive']),
  /** Why it is inconclusive; null where it is not. */
  why: z.enum(['undecided', 'zeroVariance', 'notFinite']).nullable(),
  /** Smallest difference of interest. */
  sesoi: z.number().positive(),
  /** Items, blocks or documents: the units. */
  n: countSchema,
  /** Positive where the arm is better. */
  estimate: z.number().nullable(),
  interval: z.strictObject({ level: z.number(), low: z.number().nullable(), high: z.number().nullable() }).nullable(),
  /** Of a difference above 0, below 0, and smaller than what is of interest. */
  p: z.strictObject({ above: probabilitySchema, below: probabilitySchema, within: probabilitySchema }).nullable(),
});
export type Comparison = z.output<typeof comparisonSchema>;

/** What a student can do, and whether that is more than without a teacher. `against`: null for the one without. */
export const TransferConcluded = event(
  'TransferConcluded',
  z.strictObject({
    arm: nameSchema,
    student: sha256Schema,
    downstream: downstreamSchema,
    against: nameSchema.nullable(),
    comparisons: z.array(comparisonSchema),
    env: z.strictObject({ build: z.string() }),
  }),
);

/** Every event of the stream `distillation-<id>`. */
export const distillationEvents = [
  DistillationStarted,
  TracesCaptured,
  StudentTrained,
  TrainingAborted,
  AlignmentMeasured,
  TransferConcluded,
] as const;
export type DistillationEvent = EventOf<(typeof distillationEvents)[number]>;
export type DataOf<T extends DistillationEvent['type']> = Extract<DistillationEvent, { type: T }>['data'];
