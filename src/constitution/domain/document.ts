import { z } from 'zod';
import type { Policy } from '#allocation/domain/allocation.js';
import { nameSchema } from '#ledger/schema.js';
import { defaultStall, onDriftSchema, rescueSchema, stallSchema } from './adaptation.js';
import type { Regime } from './regime.js';
import { ruleSchema, type Rule } from './rules.js';
import { defaultScope, outside, scopeSchema, scopeViolations, type Violation } from './scope.js';

/** Rules the judge applies whatever the document says; a document cannot use their names. */
export const builtInRules = { alpha: 'alpha-balance', complete: 'evidence-complete' } as const;

/** `alpha`: chance of ever promoting a candidate on a false claim; shared equally by the `kMax` candidates of a lineage. */
export const alphaPlanSchema = z.strictObject({
  alpha: z.number().positive().max(0.5),
  kMax: z.int().positive().max(10_000),
  rejectAlpha: z.number().positive().max(0.5),
});

const needed: readonly { what: string; has: (rule: Rule) => boolean }[] = [
  { what: 'a HARD rule that checks weights-finite', has: (r) => r.kind === 'HARD' && r.check === 'weights-finite' },
  {
    what: 'a HARD rule that checks architecture-unchanged',
    has: (r) => r.kind === 'HARD' && r.check === 'architecture-unchanged',
  },
  {
    what: 'an EVIDENCE rule that asks for at least 2 agreeing-evaluators',
    has: (r) => r.kind === 'EVIDENCE' && r.requirement === 'agreeing-evaluators' && r.atLeast >= 2,
  },
  {
    what: 'a NON-INFERIORITY rule of bits per byte or accuracy against the anchor, without which quality may creep away in small steps',
    has: (r) => r.kind === 'NON-INFERIORITY' && r.reference === 'anchor' && r.measure !== 'brier',
  },
];

export const rulesSchema = z.array(ruleSchema).superRefine((rules, context) => {
  const names = rules.map((rule) => rule.rule);
  rules.forEach((rule, index) => {
    const complain = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [index, field], message });
    if (names.indexOf(rule.rule) < index) complain('rule', `"${rule.rule}" is used twice`);
    if (Object.values<string>(builtInRules).includes(rule.rule)) complain('rule', `"${rule.rule}" is built in`);
    if (rule.kind === 'NON-INFERIORITY' && 'absolute' in rule.margin && rule.margin.absolute >= rule.largestLoss)
      complain('largestLoss', `must be above the margin ${rule.margin.absolute}`);
  });
  for (const { what, has } of needed)
    if (!rules.some(has)) context.addIssue({ code: 'custom', message: `there must be ${what}` });
});

/** The whole document, every field given: what the log stores. */
export const constitutionSchema = z.strictObject({
  name: nameSchema,
  rules: rulesSchema,
  alphaPlan: alphaPlanSchema,
  scope: scopeSchema,
  rescue: rescueSchema,
  /** Null: the loop goes on however often it is rejected. */
  stall: stallSchema.nullable(),
  onDrift: onDriftSchema,
});
export type Constitution = Readonly<z.output<typeof constitutionSchema>>;

const generalQuality: Rule = {
  rule: 'general-quality-kept',
  kind: 'NON-INFERIORITY',
  metric: 'general-bits-per-byte',
  measure: 'bits-per-byte',
  reference: 'anchor',
  margin: { relative: 0.01 },
  largestLoss: 0.2,
};

/** Looser than general quality, of the same documents: it is to catch answers given too surely, not the same loss twice. */
const calibration: Rule = {
  rule: 'calibration-kept',
  kind: 'NON-INFERIORITY',
  metric: 'calibration-brier',
  measure: 'brier',
  reference: 'anchor',
  margin: { relative: 0.02 },
  largestLoss: 0.1,
};

const capability = { metric: 'capability', measure: 'accuracy', reference: 'champion' } as const;

const superiority: Rule = { rule: 'capability-superior', kind: 'SUPERIORITY', ...capability, largestLoss: 0.15 };

export const defaultConstitution: Constitution = {
  name: 'default',
  rules: [
    { rule: 'weights-finite', kind: 'HARD', check: 'weights-finite' },
    { rule: 'architecture-unchanged', kind: 'HARD', check: 'architecture-unchanged' },
    { rule: 'honeypots-fail', kind: 'HARD', check: 'honeypots-fail' },
    { rule: 'steps-within-budget', kind: 'BUDGET', quantity: 'steps', atMost: 2_000 },
    { rule: 'tokens-within-budget', kind: 'BUDGET', quantity: 'tokens', atMost: 4_000_000 },
    { rule: 'drift-within-budget', kind: 'BUDGET', quantity: 'klNatsPerByte', atMost: 0.05 },
    { rule: 'weights-within-budget', kind: 'BUDGET', quantity: 'weightRatio', atMost: 0.25 },
    { rule: 'suites-within-budget', kind: 'BUDGET', quantity: 'suiteOverdraw', atMost: 0 },
    { rule: 'evaluators-agree', kind: 'EVIDENCE', requirement: 'agreeing-evaluators', atLeast: 3 },
    { rule: 'controls-passed', kind: 'EVIDENCE', requirement: 'passed-controls', atLeast: 8 },
    { rule: 'suites-sealed', kind: 'EVIDENCE', requirement: 'sealed-suites', atLeast: 1 },
    generalQuality,
    calibration,
    { rule: 'capability-kept', kind: 'NON-INFERIORITY', ...capability, margin: { absolute: 0.005 }, largestLoss: 0.15 },
    { rule: 'capability-rises', kind: 'PROGRESS', ...capability, above: 0 },
    { rule: 'humans-amend', kind: 'PROCEDURAL', requirement: 'amendments-approved-by-humans', atLeast: 1 },
  ],
  alphaPlan: { alpha: 0.05, kMax: 12, rejectAlpha: 0.05 },
  scope: defaultScope,
  rescue: { interpolate: false },
  stall: defaultStall,
};

/**
 * The document as a person writes it in YAML or JSON: whatever is left out is the default. `superiority: champion` adds a
 * rule that asks for proof of a gain.
 */
export const constitutionInputSchema = z
  .strictObject({
    name: nameSchema.default(defaultConstitution.name),
    rules: z.array(ruleSchema).default([...defaultConstitution.rules]),
    superiority: z.literal('champion').optional(),
    alphaPlan: alphaPlanSchema.partial().default({}),
    scope: z
      .strictObject({
        regime: scopeSchema.shape.regime.partial().default({}),
        allocationPolicies: scopeSchema.shape.allocationPolicies.default([...defaultScope.allocationPolicies]),
        syntheticTextPpm: scopeSchema.shape.syntheticTextPpm.default(defaultScope.syntheticTextPpm),
      })
      .prefault({}),
    rescue: rescueSchema.default(defaultConstitution.rescue),
    stall: stallSchema.partial().nullable().default(defaultStall),
    onDrift: onDriftSchema,
  })
  .transform(({ name, rules, superiority: wanted, alphaPlan, scope, rescue, stall, onDrift }) => ({
    name,
    rules: [...rules, ...(wanted ? [superiority] : [])],
    alphaPlan: { ...defaultConstitution.alphaPlan, ...alphaPlan },
    scope: { ...scope, regime: { ...defaultScope.regime, ...scope.regime } },
    rescue,
    stall: stall && { ...defaultStall, ...stall },
    ...(onDrift && { onDrift }),
  }))
  .pipe(constitutionSchema);

/** Every way a regime leaves the scope, or must break a step or token budget; empty when the update may be trained. */
export const regimeViolations = (constitution: Constitution, regime: Regime): readonly Violation[] => {
  const planned = { steps: regime.steps, tokens: regime.steps * regime.batch * regime.sequence };
  const budgets = constitution.rules.flatMap((rule) =>
    rule.kind === 'BUDGET' && (rule.quantity === 'steps' || rule.quantity === 'tokens')
      ? outside(rule.quantity, planned[rule.quantity], { min: 0, max: rule.atMost })
      : [],
  );
  return [...scopeViolations(constitution.scope, regime), ...budgets];
};

export const policyViolations = (constitution: Constitution, policy: Policy): readonly Violation[] => {
  const allowed = constitution.scope.allocationPolicies;
  return allowed.includes(policy) ? [] : [{ field: 'allocation.policy', value: policy, allowed: allowed.join(', ') }];
};
