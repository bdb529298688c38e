import { z } from 'zod';
import { event } from '#ledger/event.js';
import { countSchema, nameSchema, sha256Schema } from '#ledger/schema.js';

/** Why what a trainer sent was not believed. */
export const RESULT_REFUSALS = [
  /** Nobody has this claim, or another trainer has it. */
  'unknown-claim',
  /** The lease ran out, or the run went on without it. */
  'late',
  /** The update has its result already. */
  'duplicate',
  /** Bytes that have another hash than the one they were sent under. */
  'wrong-hash',
  /** A hash whose bytes were never sent. */
  'missing',
  /** No checkpoint, or one of another shape than the champion. */
  'wrong-model',
  'not-finite',
  /** A receipt that tells of another plan or other outputs, or none from a trainer that promised one. */
  'wrong-receipt',
] as const;

/** Results that one trainer offered within a minute and that were refused for one reason: the last of them, and how many. */
export const UpdateResultRefused = event(
  'UpdateResultRefused',
  z.strictObject({
    run: nameSchema,
    cycle: countSchema,
    epoch: countSchema,
    trainer: z.string().min(1).max(200),
    offered: sha256Schema.nullable(),
    reason: z.enum(RESULT_REFUSALS),
    message: z.string().min(1).max(2000),
    count: z.int().positive(),
  }),
);
