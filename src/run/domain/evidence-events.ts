import { z } from 'zod';
import { verdictSchema } from '#constitution/domain/verdict.js';
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
