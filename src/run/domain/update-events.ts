import { z } from 'zod';
import { event } from '#ledger/event.js';
import { countSchema, nameSchema, artifactSchema, sha256Schema } from '#ledger/schema.js';
import { NO_MEMORY } from '#memory/domain/settings.js';
import { evaluationSchema, runConfigSchema } from './config.js';

const cycle = countSchema;
const text = z.string().min(1).max(2000);
const metrics = z.record(z.string(), z.number());

const withoutMemory = runConfigSchema.omit({ memory: true, onDrift: true });

const runStarted3 = z.strictObject({
  config: withoutMemory,
  lineage: z.strictObject({
    root: nameSchema,
    /** Root anchor that degradation is measured against; null: this run's own anchor. */
    anchor: artifactSchema.nullable(),
    /** Candidates judged on the lineage before this run, and the alpha they cost. */
    judgedBefore: countSchema,
    alphaSpentBefore: z.number().nonnegative(),
  }),
  exploratory: z.boolean(),
});

const withoutCalibration = evaluationSchema.omit({ calibrationDocuments: true });
const runStarted4 = runStarted3.omit({ exploratory: true }).extend({
  /** The registered experiment that it is a run of; null: it is exploratory. */
  experiment: nameSchema.nullable(),
});

const runStarted = runStarted4.extend({ config: runConfigSchema });

const started2 = runStarted3.extend({ config: withoutMemory.extend({ evaluation: withoutCalibration }) });

const firstConfig = withoutMemory.omit({ rescue: true, stall: true }).extend({
  evaluation: withoutCalibration.omit({ referenceItems: true, controlBlocks: true }),
});

/**
 * Version 1 knew no control probes, no reference evaluator and no answer to rejections, version 2 no calibration: their runs go
 * on without, as they began. Version 3 knew no experiments: all of its runs are exploratory. Version 4 knew no memory
 * and always rolled back at an alarm; a run of that kind is written in it still.
 */
export const RunStarted = event('RunStarted', runStarted3.extend({ config: firstConfig }))
  .next(started2, ({ config, ...rest }) => ({
    ...rest,
    config: {
      ...config,
      evaluation: { ...config.evaluation, referenceItems: 0, controlBlocks: 0 },
      rescue: { interpolate: false },
      stall: null,
    },
  }))
  .next(runStarted3, ({ config, ...rest }) => ({
    ...rest,
    config: { ...config, evaluation: { ...config.evaluation, calibrationDocuments: 0 } },
  }))
  .next(runStarted4, ({ exploratory: _exploratory, ...rest }) => ({ ...rest, experiment: null }))
  .next(
    runStarted,
    ({ config, ...rest }) => ({ ...rest, config: { ...config, memory: NO_MEMORY } }),
    ({ config: { memory, onDrift, ...config }, ...rest }) =>
      memory.episodic || memory.predictive || onDrift ? undefined : { ...rest, config },
  );

export const UpdateRequested = event(
  'UpdateRequested',
  z.strictObject({
    cycle,
    plan: artifactSchema,
    budgets: z.strictObject({ steps: countSchema, tokens: countSchema }),
    env: z.strictObject({ attempt: z.int().positive() }),
  }),
);

/** Who trains: a name, what computes, and the contract it follows; null: none, so nobody can train it again. */
export const claimantSchema = z.strictObject({
  trainer: z.string().min(1).max(200),
  build: z.string().max(200),
  backend: z.string().max(200),
  threads: countSchema,
  contract: z.literal('nc-1').nullable(),
});

export const UpdateStarted = event(
  'UpdateStarted',
  z.strictObject({
    cycle,
    plan: artifactSchema,
    env: z.strictObject({ attempt: z.int().positive(), ...claimantSchema.shape }),
  }),
);

export const UpdateProduced = event(
  'UpdateProduced',
  z.strictObject({
    cycle,
    candidate: artifactSchema,
    /** What it was trained from: a checkpoint, or for the base the fresh weights of the seed, which are not kept. */
    parent: sha256Schema,
    plan: artifactSchema,
    /** Whether the plan gives these very bytes on any trainer of the contract; else the candidate stands on its trainer's word. */
    replayable: z.boolean(),
    /** What a trainer of the contract leaves beside the weights; null of any other. */
    optimiser: artifactSchema.nullable(),
    transcript: artifactSchema.nullable(),
    receipt: artifactSchema.nullable(),
    /** Of an update that is not replayable: as its trainer says. */
    steps: countSchema,
    tokens: countSchema,
    /**
     * Nats per scored position of the first and the last step. Of an update that is not replayable, this and the figures
     * below are what the service measured: the parent on the first step's sequences, the candidate on the last one's.
     */
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
    reason: z.enum(['non-finite', 'budget', 'rolled-back', 'cancelled', 'crash', 'lost']),
    step: z.int().nullable(),
    message: text,
    env: z.strictObject({ attempt: z.int().positive() }),
  }),
);

export const AnchorEstablished = event(
  'AnchorEstablished',
  z.strictObject({
    checkpoint: artifactSchema,
    architecture: sha256Schema,
    parameters: countSchema,
    source: z.enum(['trained', 'given']),
    quality: metrics,
  }),
);
