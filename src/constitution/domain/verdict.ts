import { z } from 'zod';
import { countSchema, nameSchema } from '#ledger/schema.js';
import { measureSchema, referenceSchema, ruleKinds } from './rules.js';

const number = z.number();

/** What a paired rule read. `estimate`, `ci95` and `worstUnit` describe all units; the e-values stop at `unitsRead`. */
export const pairedStatisticSchema = z.strictObject({
  metric: nameSchema,
  measure: measureSchema,
  reference: referenceSchema,
  referenceMean: number,
  /** The mean difference to be exceeded (minus the margin, or zero), in the metric's unit. */
  theta: number,
  eValue: number.nullable(),
  mirroredEValue: number.nullable(),
  unitsRead: countSchema,
  units: countSchema,
  estimate: number.nullable(),
  ci95: z.tuple([number, number]).nullable(),
  worstUnit: z.strictObject({ index: countSchema, difference: number }).nullable(),
});

/** One rule's finding. The rule passes when `statistic`, of this `value`, stands on the right side of `bound`. */
export const reasonSchema = z.strictObject({
  rule: nameSchema,
  kind: z.enum(ruleKinds),
  outcome: z.enum(['pass', 'fail', 'undecided']),
  statistic: z.string(),
  value: number.nullable(),
  bound: number.nullable(),
  paired: pairedStatisticSchema.nullable(),
  alphaSpent: number,
  sentence: z.string(),
});

/** `alphaSpent`: by this verdict; `alphaLeft`: on the lineage after it. */
export const verdictSchema = z.strictObject({
  verdict: z.enum(['ACCEPT', 'REJECT', 'INCONCLUSIVE']),
  summary: z.string(),
  alphaSpent: number.nonnegative(),
  alphaLeft: number.nonnegative(),
  reasons: z.array(reasonSchema),
});

export type PairedStatistic = Readonly<z.output<typeof pairedStatisticSchema>>;
export type Reason = Readonly<z.output<typeof reasonSchema>>;
export type Verdict = Readonly<z.output<typeof verdictSchema>>;
