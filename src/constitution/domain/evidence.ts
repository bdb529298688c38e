import { z } from 'zod';
import { countSchema, nameSchema, sha256Schema } from '#ledger/schema.js';
import { referenceSchema } from './rules.js';

/**
 * Paired measurements of one metric: the same units (documents or blocks) scored by candidate and reference.
 * `differences` stand in the order of the shadow seed, candidate minus reference with larger = better: for bits per byte and
 * Brier score that is reference minus candidate, for accuracy (0 to 1) candidate minus reference. `referenceMean` is the
 * reference's mean over the same units, in the metric's own unit.
 */
export const pairedSchema = z.strictObject({
  metric: nameSchema,
  reference: referenceSchema,
  referenceMean: z.number(),
  differences: z.array(z.number()),
});
export type Paired = Readonly<z.output<typeof pairedSchema>>;

const unique = <T>(entries: readonly T[], key: (entry: T) => string): boolean =>
  new Set(entries.map(key)).size === entries.length;

/** Everything the judge may look at for one candidate. Nothing is optional: what is missing is a REJECT. */
export const evidenceSchema = z.strictObject({
  candidate: sha256Schema,
  finite: z.boolean(),
  architectureUnchanged: z.boolean(),
  /**
   * What the update used; KL (nats per byte, on general text) and relative weight distance are to the champion, null where
   * they are no finite number.
   */
  budgets: z.strictObject({
    steps: countSchema,
    tokens: countSchema,
    klNatsPerByte: z.number().nullable(),
    weightRatio: z.number().nullable(),
  }),
  /** `k`: 1-based number of this candidate among all judged on the lineage; `alphaSpent`: before this candidate. */
  lineage: z.strictObject({ k: z.int().positive(), kMax: z.int().positive(), alphaSpent: z.number().nonnegative() }),
  /** `queriesLeft` after this evaluation; negative when a suite was used beyond its budget. */
  suites: z
    .array(z.strictObject({ suite: nameSchema, role: z.enum(['gate', 'shadow']), queriesLeft: z.int() }))
    .refine((suites) => unique(suites, (entry) => entry.suite), { message: 'a suite is listed twice' }),
  /** `agreed`: within tolerance of the primary evaluator (the primary agrees with itself). */
  evaluators: z
    .array(z.strictObject({ name: nameSchema, build: z.string().min(1), agreed: z.boolean() }))
    .refine((evaluators) => unique(evaluators, (entry) => entry.name), { message: 'an evaluator is listed twice' }),
  /** Controls of this evaluation, and those whose every figure was as expected. */
  controls: z.strictObject({ held: countSchema, checked: countSchema }),
  /** Contradictory items were shown, and answered no better than chance. */
  honeypotsFail: z.boolean(),
  paired: z.array(pairedSchema).refine((paired) => unique(paired, (entry) => `${entry.metric}/${entry.reference}`), {
    message: 'a metric is listed twice for the same reference',
  }),
});
export type Evidence = Readonly<z.output<typeof evidenceSchema>>;
