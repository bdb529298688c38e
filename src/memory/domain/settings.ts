import { z } from 'zod';
import { ppmSchema } from '#ledger/schema.js';

/** Sequences an update has seen before, shown to later ones. */
export const episodicSchema = z.strictObject({
  /** Share of the replayed sequences that are remembered ones; the others are general text. */
  sharePpm: ppmSchema,
  /** The most that is remembered of a domain. */
  sequencesPerDomain: z.int().min(1).max(4_096),
});
export type Episodic = Readonly<z.output<typeof episodicSchema>>;

/** What the run expects of its own next update. */
export const predictiveSchema = z.strictObject({
  /** How many cycles' worth of evidence it takes before regime, allocation and state count as much as what was seen. */
  shrinkage: z.number().min(0.01).max(1_000),
});
export type Predictive = Readonly<z.output<typeof predictiveSchema>>;

/** Null: there is none. */
export const memorySchema = z.strictObject({
  episodic: episodicSchema.nullable(),
  predictive: predictiveSchema.nullable(),
});
export type Memory = Readonly<z.output<typeof memorySchema>>;

export const NO_MEMORY: Memory = { episodic: null, predictive: null };

/** As a person writes it: `episodic: {}` is a memory with everything as usual. */
export const memoryInput = z.strictObject({
  episodic: z
    .strictObject({
      sharePpm: episodicSchema.shape.sharePpm.default(500_000),
      sequencesPerDomain: episodicSchema.shape.sequencesPerDomain.default(64),
    })
    .nullable()
    .default(null),
  predictive: z
    .strictObject({ shrinkage: predictiveSchema.shape.shrinkage.default(4) })
    .nullable()
    .default(null),
});
