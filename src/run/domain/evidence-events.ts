import { z } from 'zod';
import { verdictSchema } from '#constitution/domain/verdict.js';
import { CONTROL_MODELS, CONTROLS, STATISTICS } from '#evaluation/domain/controls.js';
import { FAILURES } from '#evaluation/domain/failures.js';
import { event } from '#ledger/event.js';
import { citeSchema, countSchema, nameSchema, artifactSchema, sha256Schema } from '#ledger/schema.js';

const cycle = countSchema;
const metrics = z.record(z.string(), z.number());

export const subjectSchema = z.enum(['anchor', 'champion', 'candidate']);
export type Subject = z.output<typeof subjectSchema>;

export const ProbesRecorded = event(
  'ProbesRecorded',
  z.strictObject({
    cycle,
    subject: subjectSchema,
    checkpoint: artifactSchema,
    suite: nameSchema,
    role: z.enum(['scout', 'gate', 'shadow', 'report']),
    evaluator: nameSchema,
    /** What is left of the suite's reuse budget after this query; negative when overdrawn. */
    queriesLeft: z.int(),
    /** Digest of the sequences shown, in order; anyone can draw them again. */
    itemsDigest: sha256Schema,
    items: countSchema,
    scoredBytes: countSchema,
    correct: countSchema,
    /** Null when a loss is not finite. */
    nllNatsSum: z.number().nullable(),
    metrics,
    /** Artifact with the result of every sequence. */
    results: artifactSchema,
    env: z.strictObject({ build: z.string() }),
  }),
);

export const ShadowCompared = event(
  'ShadowCompared',
  z.strictObject({
    cycle,
    checkpoint: artifactSchema,
    evaluators: z.tuple([nameSchema, nameSchema]),
    items: countSchema,
    tolerance: metrics,
    agreed: z.boolean(),
    reasons: z.array(z.string()),
    approx: z.record(z.string(), z.number().nullable()),
    env: z.strictObject({ build: z.string() }),
  }),
);

/** What the primary evaluator gave where the right answer is known beforehand. */
export const ControlsChecked = event(
  'ControlsChecked',
  z.strictObject({
    cycle,
    checkpoint: artifactSchema,
    evaluator: nameSchema,
    /** Digest of all sequences shown, in order; anyone can draw them again. */
    itemsDigest: sha256Schema,
    controls: z.array(
      z.strictObject({
        control: z.enum(CONTROLS),
        model: z.enum(CONTROL_MODELS),
        items: countSchema,
        scoredBytes: countSchema,
        statistic: z.enum(STATISTICS),
        relation: z.enum(['exactly', 'at-most']),
        expected: z.number(),
        /** Null when it is not finite. */
        seen: z.number().nullable(),
        held: z.boolean(),
      }),
    ),
    /** Artifact with the result of every sequence. */
    results: artifactSchema,
    env: z.strictObject({ build: z.string() }),
  }),
);

/** Nothing of this evaluation is scored; what was recorded before stays as a record. */
export const EvaluationVoided = event(
  'EvaluationVoided',
  z.strictObject({
    cycle,
    checkpoint: artifactSchema,
    evaluator: nameSchema,
    /** `control`: it failed a control; else it gave no answer, or one that contradicts its own, twice. */
    cause: z.enum(['control', ...FAILURES]),
    reason: z.string().min(1).max(2000),
  }),
);

export const DriftMeasured = event(
  'DriftMeasured',
  z.strictObject({
    cycle,
    checkpoint: artifactSchema,
    metric: z.string(),
    /** Null when it is not finite, which is an alarm. */
    value: z.number().nullable(),
    unit: z.string(),
    reference: z.enum(['anchor', 'champion', 'previous-update']),
    threshold: z.number().nullable(),
    alarm: z.boolean(),
  }),
);

const figure = z.number().nullable();

/** How sure a model is of the gate's documents, and how rightly; null where a figure is not finite. */
export const CalibrationMeasured = event(
  'CalibrationMeasured',
  z.strictObject({
    cycle,
    subject: z.enum(['anchor', 'candidate']),
    checkpoint: artifactSchema,
    suite: nameSchema,
    evaluator: nameSchema,
    documents: countSchema,
    scoredBytes: countSchema,
    /** Expected calibration error, bins of equal mass, 0 to 1. */
    ece: figure,
    /** Mean over documents, 0 to 2: what a rule compares. */
    brier: figure,
    nllNatsPerByte: figure,
    /** Area under the risk-coverage curve, 0 to 1. */
    aurc: figure,
    /** Share of right bytes that the prediction sets hold; 0.9 is asked of them. */
    coverage: figure,
    /** Bytes in a prediction set. */
    setSizeMean: figure,
    /** Artifact with the result of every document. */
    results: artifactSchema,
    env: z.strictObject({ build: z.string() }),
  }),
);

export const VerdictReached = event(
  'VerdictReached',
  z.strictObject({
    cycle,
    candidate: artifactSchema,
    ...verdictSchema.shape,
    constitution: z.strictObject({ id: nameSchema, version: z.int().positive() }),
    /** Number of this candidate among all judged on the lineage, 1-based. */
    lineageIndex: z.int().positive(),
    /** RFC 6962 root over the outcome digests of the cited records, in the order of `cites`. */
    evidenceRoot: sha256Schema,
    cites: z.array(citeSchema),
  }),
);

const settled = z.strictObject({
  cycle,
  candidate: artifactSchema,
  champion: artifactSchema,
  predecessor: artifactSchema,
});
export const CandidatePromoted = event('CandidatePromoted', settled);
export const CandidateRejected = event('CandidateRejected', settled);
