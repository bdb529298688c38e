import { z } from 'zod';
import { countSchema, sha256Schema } from '#ledger/schema.js';

const nullable = z.number().nullable();

/** What the native trainer says it did; docs/trainer.md gives units. All of it is outcome: equal on every device. */
export const receiptSchema = z.strictObject({
  contract: z.literal('nc-1'),
  plan: sha256Schema,
  initial: sha256Schema,
  candidate: sha256Schema,
  optimiser: sha256Schema,
  transcript: sha256Schema,
  steps: countSchema,
  tokens: countSchema,
  lossFirst: z.number(),
  lossLast: z.number(),
  lossMean: z.number(),
  gradNormMax: z.number(),
  klAnchorMean: nullable,
  anchorRatio: nullable,
  /** Distances from the teacher at the first and at the last step; only where the plan has one. */
  distillation: z
    .strictObject({
      divergenceFirst: nullable,
      divergenceLast: nullable,
      hiddenFirst: z.array(z.number()),
      hiddenLast: z.array(z.number()),
    })
    .optional(),
  factor: z.number(),
  trust: z.strictObject({ klNatsPerByte: z.number(), weightRatio: z.number() }).nullable(),
  distance: z.strictObject({ initial: z.number(), anchor: nullable }),
  tensors: z.record(z.string(), z.number()),
});
export type Receipt = z.output<typeof receiptSchema>;
