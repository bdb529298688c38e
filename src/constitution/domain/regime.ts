import { z } from 'zod';
import { countSchema, nameSchema, ppmSchema } from '#ledger/schema.js';

/** What a training plan can hold: the trainer takes binary32 and counts of these sizes. */
const LARGEST_BINARY32 = 3.4028234663852886e38;
const MOST_STEPS = 10_000_000;
const MOST_SEQUENCES = 65_536;
const positive = z.number().min(1e-20).max(LARGEST_BINARY32);
const nonNegative = z.number().nonnegative().max(LARGEST_BINARY32);

export const trustRegionSchema = z.strictObject({ klNatsPerByte: positive, weightRatio: positive });

/**
 * How hard one update may pull. Rates and penalties are plain decimals here; a training plan rounds them to binary32.
 * `replayPpm` is the share of the batch drawn from memory and general text; `batch`, `generalBatch` count sequences,
 * `sequence` is bytes per sequence.
 */
export const regimeSchema = z
  .strictObject({
    label: nameSchema,
    learningRate: z.number().positive().max(1),
    warmupSteps: countSchema.max(MOST_STEPS),
    decay: z.enum(['linear', 'constant']),
    steps: z.int().positive().max(MOST_STEPS),
    batch: z.int().positive().max(MOST_SEQUENCES),
    sequence: z.int().positive().multipleOf(64),
    klBeta: nonNegative,
    generalBatch: countSchema.max(MOST_SEQUENCES),
    l2spLambda: nonNegative,
    replayPpm: ppmSchema,
    clipNorm: positive,
    weightDecay: nonNegative,
    trustRegion: trustRegionSchema.nullable(),
  })
  .refine((regime) => regime.warmupSteps < regime.steps, {
    path: ['warmupSteps'],
    message: 'must be less than steps',
  })
  .refine((regime) => regime.klBeta > 0 === regime.generalBatch > 0, {
    path: ['generalBatch'],
    message: 'klBeta and generalBatch go together: both above zero, or both zero',
  });

export type Regime = Readonly<z.output<typeof regimeSchema>>;

/** Anchored and annealed: KL to the anchor on general text, half the batch replay, rate falling to zero. */
export const conservative: Regime = {
  label: 'conservative',
  learningRate: 0.002,
  warmupSteps: 10,
  decay: 'linear',
  steps: 150,
  batch: 16,
  sequence: 128,
  klBeta: 2,
  generalBatch: 8,
  l2spLambda: 0,
  replayPpm: 500_000,
  clipNorm: 1,
  weightDecay: 0.01,
  trustRegion: { klNatsPerByte: 0.03, weightRatio: 0.25 },
};

/** Unanchored: a constant rate, no KL, no replay, no trust region. Within scope, so that the judge has to stop it. */
export const aggressive: Regime = {
  label: 'aggressive',
  learningRate: 0.002,
  warmupSteps: 10,
  decay: 'constant',
  steps: 40,
  batch: 16,
  sequence: 128,
  klBeta: 0,
  generalBatch: 0,
  l2spLambda: 0,
  replayPpm: 0,
  clipNorm: 1,
  weightDecay: 0.01,
  trustRegion: null,
};
