import { z } from 'zod';
import { regimeSchema } from '#constitution/domain/regime.js';
import { verdictSchema } from '#constitution/domain/verdict.js';
import { event, type EventOf } from '#ledger/event.js';
import { citeSchema, countSchema, nameSchema, ppmSchema, sha256Schema } from '#ledger/schema.js';
import { policySchema, runConfigSchema } from './config.js';

const cycle = countSchema;
const text = z.string().min(1).max(2000);
const metrics = z.record(z.string(), z.number());

export const RunStarted = event(
  'RunStarted',
  z.strictObject({
    config: runConfigSchema,
    lineage: z.strictObject({
      root: nameSchema,
      /** Root anchor that degradation is measured against; null: this run's own anchor. */
      anchor: sha256Schema.nullable(),
      /** Candidates judged on the lineage before this run, and the alpha they cost. */
      judgedBefore: countSchema,
      alphaSpentBefore: z.number().nonnegative(),
    }),
    exploratory: z.boolean(),
  }),
);

export const UpdateRequested = event(
  'UpdateRequested',
  z.strictObject({
    cycle,
    plan: sha256Schema,
    budgets: z.strictObject({ steps: countSchema, tokens: countSchema }),
    env: z.strictObject({ attempt: z.int().positive() }),
  }),
);

export const UpdateStarted = event(
  'UpdateStarted',
  z.strictObject({
    cycle,
    plan: sha256Schema,
    env: z.strictObject({
      attempt: z.int().positive(),
      trainer: z.string(),
      backend: z.string(),
      threads: countSchema,
    }),
  }),
);

export const UpdateProduced = event(
  'UpdateProduced',
  z.strictObject({
    cycle,
    candidate: sha256Schema,
    parent: sha256Schema,
    plan: sha256Schema,
    optimiser: sha256Schema,
    transcript: sha256Schema,
    receipt: sha256Schema,
    steps: countSchema,
    tokens: countSchema,
    lossFirstNats: z.number(),
    lossLastNats: z.number(),
    /** 1 when the trust region left the update alone. */
    factor: z.number(),
    klToChampionNatsPerByte: z.number().nullable(),
    klToAnchorNatsPerByte: z.number().nullable(),
    anchorRatio: z.number().nullable(),
    weightRatio: z.number(),
    env: z.strictObject({
      attempt: z.int().positive(),
      backend: z.string(),
      threads: countSchema,
      elapsedMs: z.number(),
    }),
  }),
);

export const UpdateAborted = event(
  'UpdateAborted',
  z.strictObject({
    cycle,
    reason: z.enum(['non-finite', 'budget', 'rolled-back', 'cancelled', 'crash']),
    step: z.int().nullable(),
    message: text,
    env: z.strictObject({ attempt: z.int().positive() }),
  }),
);

export const AnchorEstablished = event(
  'AnchorEstablished',
  z.strictObject({
    checkpoint: sha256Schema,
    architecture: sha256Schema,
    parameters: countSchema,
    source: z.enum(['trained', 'given']),
    quality: metrics,
  }),
);

export const CycleProposed = event(
  'CycleProposed',
  z.strictObject({
    cycle,
    trigger: z.enum(['schedule']),
    champion: sha256Schema,
    regime: regimeSchema,
    allocation: z.strictObject({
      policy: policySchema,
      weightsPpm: z.record(z.string(), ppmSchema),
      scores: z.record(z.string(), z.number()),
    }),
    batches: sha256Schema.nullable(),
    general: sha256Schema.nullable(),
    sentinel: sha256Schema,
    constitution: z.strictObject({ id: nameSchema, version: z.int().positive() }),
  }),
);

export const CycleRefused = event(
  'CycleRefused',
  z.strictObject({
    cycle,
    violations: z.array(z.strictObject({ field: z.string(), value: z.string(), allowed: z.string() })).min(1),
  }),
);

export const subjectSchema = z.enum(['anchor', 'champion', 'candidate']);
export type Subject = z.output<typeof subjectSchema>;

export const ProbesRecorded = event(
  'ProbesRecorded',
  z.strictObject({
    cycle,
    subject: subjectSchema,
    checkpoint: sha256Schema,
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
    results: sha256Schema,
    env: z.strictObject({ build: z.string() }),
  }),
);

export const ShadowCompared = event(
  'ShadowCompared',
  z.strictObject({
    cycle,
    checkpoint: sha256Schema,
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
    checkpoint: sha256Schema,
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
    candidate: sha256Schema,
    ...verdictSchema.shape,
    constitution: z.strictObject({ id: nameSchema, version: z.int().positive() }),
    /** Number of this candidate among all judged on the lineage, 1-based. */
    lineageIndex: z.int().positive(),
    /** RFC 6962 root over the outcome digests of the cited records, in the order of `cites`. */
    evidenceRoot: sha256Schema,
    cites: z.array(citeSchema),
  }),
);

const settled = z.strictObject({ cycle, candidate: sha256Schema, champion: sha256Schema, predecessor: sha256Schema });
export const CandidatePromoted = event('CandidatePromoted', settled);
export const CandidateRejected = event('CandidateRejected', settled);

export const RollbackRequested = event(
  'RollbackRequested',
  z.strictObject({ from: sha256Schema, to: sha256Schema, reason: text, requester: text }),
);
export const ChampionRolledBack = event(
  'ChampionRolledBack',
  z.strictObject({ from: sha256Schema, to: sha256Schema, reason: text }),
);
export const RollbackVerified = event(
  'RollbackVerified',
  z.strictObject({
    checkpoint: sha256Schema,
    suite: nameSchema,
    /** Artifact of the probe results; equal to the one recorded when the checkpoint was accepted. */
    results: sha256Schema,
    equal: z.boolean(),
  }),
);

export const RunHalted = event('RunHalted', z.strictObject({ reason: text, requester: text }));
export const RunResumed = event('RunResumed', z.strictObject({ reason: text, requester: text }));

export const LookOpened = event(
  'LookOpened',
  z.strictObject({ look: z.int().positive(), suite: nameSchema, checkpoints: z.array(sha256Schema).min(1) }),
);

export const RunCompleted = event(
  'RunCompleted',
  z.strictObject({
    cycles: countSchema,
    accepted: countSchema,
    rejected: countSchema,
    inconclusive: countSchema,
    champion: sha256Schema,
  }),
);

export const CycleRecovered = event('CycleRecovered', z.strictObject({ cycle, interrupted: text, resumedFrom: text }));

export const runEvents = [
  RunStarted,
  UpdateRequested,
  UpdateStarted,
  UpdateProduced,
  UpdateAborted,
  AnchorEstablished,
  CycleProposed,
  CycleRefused,
  ProbesRecorded,
  ShadowCompared,
  DriftMeasured,
  VerdictReached,
  CandidatePromoted,
  CandidateRejected,
  RollbackRequested,
  ChampionRolledBack,
  RollbackVerified,
  RunHalted,
  RunResumed,
  LookOpened,
  RunCompleted,
  CycleRecovered,
] as const;
export type RunEvent = EventOf<(typeof runEvents)[number]>;
export type DataOf<T extends RunEvent['type']> = Extract<RunEvent, { type: T }>['data'];
