import { z } from 'zod';
import { POLICIES } from '#allocation/domain/allocation.js';
import { onDriftSchema, rescueSchema, stallSchema } from '#constitution/domain/adaptation.js';
import { regimeSchema } from '#constitution/domain/regime.js';
import { memorySchema } from '#memory/domain/settings.js';
import { countSchema, nameSchema, artifactSchema } from '#ledger/schema.js';

/** As class-validator needs it beside the zod schema. */
export { NAME } from '#ledger/schema.js';

/** A look names every candidate of its run in one event, and 65,535 bytes hold little more than so many hashes. */
export const MOST_CYCLES = 900;
export const cyclesSchema = z
  .int()
  .min(1)
  .max(MOST_CYCLES, `must be at most ${MOST_CYCLES}; a longer study goes on in a run with this one as its parent`);

/** Shape of the Mamba-2 model; contract nc-1 fixes the rest. */
export const modelSchema = z.strictObject({
  vocab: z.literal(256),
  dModel: z.int().min(32).max(4096).multipleOf(32),
  layers: z.int().min(1).max(64),
  dState: z.int().min(16).max(256).multipleOf(16),
  headDim: z.int().min(16).max(256).multipleOf(16),
  expand: z.literal(2),
  convWidth: z.literal(4),
  chunk: z.literal(64),
});
export type Model = z.output<typeof modelSchema>;

export const policySchema = z.enum(POLICIES);

/**
 * Who may train an update: trainers of the contract only, whose updates a replay trains again to the same bytes; or, for all
 * but the base, whoever claims it, on its word alone.
 */
export const trainersSchema = z.enum(['contract', 'any']);

/** Where the anchor comes from: trained from the run's seed, or a checkpoint that the user brought. */
export const baseSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('train'),
    steps: z.int().min(1).max(1_000_000),
    batch: z.int().min(1).max(256),
    learningRate: z.number().positive().max(0.05),
    /** Share of task sequences beside general text. */
    taskPpm: z.int().min(0).max(1_000_000),
  }),
  z.strictObject({ kind: z.literal('checkpoint'), checkpoint: artifactSchema }),
]);

export const evaluationSchema = z.strictObject({
  /** Units of the capability rule: one sequence of every target family each. */
  blocks: z.int().min(10).max(5000),
  /** Units of the general-quality rule: documents of the gate pool. */
  documents: z.int().min(10).max(5000),
  /** Every n-th sequence is also run by the shadow evaluator. */
  shadowEvery: z.int().min(1).max(100),
  /** Sequences, spread evenly, that are also run by the reference evaluator; 0: it is not asked. */
  referenceItems: z.int().min(0).max(1000),
  /** Blocks that control probes are made of; 0: there are none. */
  controlBlocks: z.int().min(0).max(100),
  /** Documents, the first of those drawn, that calibration is measured on; 0: it is not measured. */
  calibrationDocuments: z.int().min(0).max(5000),
});

/** Everything a run is, fixed before its first cycle. */
export const runConfigSchema = z.strictObject({
  run: nameSchema,
  arm: nameSchema,
  seed: countSchema,
  cycles: cyclesSchema,
  contract: z.literal('nc-1'),
  model: modelSchema,
  sequence: z.int().min(64).max(4096).multipleOf(64),
  base: baseSchema,
  general: nameSchema,
  /** Further text corpora that updates may learn from. */
  texts: z.array(nameSchema),
  targets: z.array(nameSchema).min(1),
  /** Families that are learnt from but count for nothing, such as the unlearnable one. */
  distractors: z.array(nameSchema),
  policy: policySchema,
  trainers: trainersSchema,
  /** The regime from a cycle on; the first entry is for cycle 1. */
  regimes: z.array(z.strictObject({ fromCycle: z.int().positive(), regime: regimeSchema })).min(1),
  constitution: z.strictObject({ id: nameSchema, version: z.int().positive() }),
  /** As the constitution has them; here too, since a run's next step is read from its own events. */
  rescue: rescueSchema,
  stall: stallSchema.nullable(),
  onDrift: onDriftSchema,
  suites: z.strictObject({ scout: nameSchema, gate: nameSchema, shadow: nameSchema, report: nameSchema }),
  evaluation: evaluationSchema,
  memory: memorySchema,
  /** The run on whose champion this one is anchored; its alpha and its root anchor carry over. */
  parent: z.strictObject({ run: nameSchema, champion: artifactSchema }).nullable(),
});
export type RunConfig = z.output<typeof runConfigSchema>;

/** The regime in force at a cycle. */
export const regimeAt = (config: RunConfig, cycle: number): RunConfig['regimes'][number]['regime'] => {
  const entry = config.regimes.filter(({ fromCycle }) => fromCycle <= cycle).at(-1) ?? config.regimes[0];
  if (!entry) throw new RangeError('regimes: at least one is needed');
  return entry.regime;
};
