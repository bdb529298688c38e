import { z } from 'zod';
import { nameSchema } from '#ledger/schema.js';

const positive = z.number().positive();

/**
 * What a metric is made of, hence its units: bits per byte or Brier score (0 to 2) of documents, lower is better; or accuracy
 * (0 to 1) of blocks of tasks.
 */
export const measureSchema = z.enum(['bits-per-byte', 'accuracy', 'brier']);
export const referenceSchema = z.enum(['anchor', 'champion']);

/** The largest mean loss still called "not worse": a share of the reference's mean, or an amount in the metric's unit. */
export const marginSchema = z.union([
  z.strictObject({ relative: positive.max(0.5) }),
  z.strictObject({ absolute: positive }),
]);

export const hardRuleSchema = z.strictObject({
  rule: nameSchema,
  kind: z.literal('HARD'),
  check: z.enum(['weights-finite', 'architecture-unchanged', 'honeypots-fail']),
});

/** `suiteOverdraw`: the most queries any suite was used beyond its sealed reuse budget. */
export const budgetRuleSchema = z.strictObject({
  rule: nameSchema,
  kind: z.literal('BUDGET'),
  quantity: z.enum(['steps', 'tokens', 'klNatsPerByte', 'weightRatio', 'suiteOverdraw']),
  atMost: z.number().nonnegative(),
});

export const evidenceRuleSchema = z.strictObject({
  rule: nameSchema,
  kind: z.literal('EVIDENCE'),
  requirement: z.enum(['agreeing-evaluators', 'sealed-suites', 'passed-controls']),
  atLeast: z.int().positive(),
});

const compared = { rule: nameSchema, metric: nameSchema, measure: measureSchema, reference: referenceSchema };

/** The e-process must show a mean paired difference above minus the margin; no unit may lose more than `largestLoss`. */
export const nonInferiorityRuleSchema = z.strictObject({
  ...compared,
  kind: z.literal('NON-INFERIORITY'),
  margin: marginSchema,
  largestLoss: positive,
});

/** The e-process must show a mean paired difference above zero. */
export const superiorityRuleSchema = z.strictObject({
  ...compared,
  kind: z.literal('SUPERIORITY'),
  largestLoss: positive,
});

/** The plain estimate must be above a floor: a direction, no proof. */
export const progressRuleSchema = z.strictObject({
  ...compared,
  kind: z.literal('PROGRESS'),
  above: z.number(),
});

/** Binds the people who change the document, not the weights: enforced when an amendment is decided. */
export const proceduralRuleSchema = z.strictObject({
  rule: nameSchema,
  kind: z.literal('PROCEDURAL'),
  requirement: z.literal('amendments-approved-by-humans'),
  atLeast: z.int().positive(),
});

export const ruleSchema = z.discriminatedUnion('kind', [
  hardRuleSchema,
  budgetRuleSchema,
  evidenceRuleSchema,
  nonInferiorityRuleSchema,
  superiorityRuleSchema,
  progressRuleSchema,
  proceduralRuleSchema,
]);

export type Rule = Readonly<z.output<typeof ruleSchema>>;
export type RuleOf<K extends Rule['kind']> = Extract<Rule, { kind: K }>;
export type PairedRule = RuleOf<'NON-INFERIORITY' | 'SUPERIORITY' | 'PROGRESS'>;
export const ruleKinds = [
  'HARD',
  'BUDGET',
  'EVIDENCE',
  'NON-INFERIORITY',
  'SUPERIORITY',
  'PROGRESS',
  'PROCEDURAL',
] as const satisfies readonly Rule['kind'][];
