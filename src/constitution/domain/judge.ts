import { builtInRules, type Constitution } from './document.js';
import { evidenceSchema, type Evidence } from './evidence.js';
import { judgePaired } from './paired-rule.js';
import { ruleKinds, type Rule, type RuleOf } from './rules.js';
import type { Reason, Verdict } from './verdict.js';
import { summary } from './wording.js';

const plain = (rule: { rule: string; kind: Reason['kind'] }, passed: boolean, found: Partial<Reason>): Reason => ({
  statistic: 'check',
  value: null,
  bound: null,
  paired: null,
  alphaSpent: 0,
  sentence: '',
  ...found,
  rule: rule.rule,
  kind: rule.kind,
  outcome: passed ? 'pass' : 'fail',
});

const LEAKED = 'Answers that the prompt contradicts were given: somebody was told them.';

const hard = (rule: RuleOf<'HARD'>, evidence: Evidence): Reason => {
  const sentences = {
    'weights-finite': ['Every weight is a finite number.', 'A weight is not a finite number.'],
    'architecture-unchanged': ["The model's shape is unchanged.", "The model's shape has changed."],
    'honeypots-fail': ['Answers that the prompt contradicts were not given.', LEAKED],
  } as const;
  const found = {
    'weights-finite': evidence.finite,
    'architecture-unchanged': evidence.architectureUnchanged,
    'honeypots-fail': evidence.honeypotsFail,
  };
  const passed = found[rule.check];
  const statistic = rule.check === 'honeypots-fail' ? 'honeypots' : 'check';
  return plain(rule, passed, { statistic, sentence: sentences[rule.check][passed ? 0 : 1] });
};

const budgetPhrases: Record<RuleOf<'BUDGET'>['quantity'], (value: number | string) => string> = {
  steps: (value) => `The update took ${value} steps`,
  tokens: (value) => `The update read ${value} tokens`,
  klNatsPerByte: (value) => `The candidate drifted ${value} nats per byte (KL) from the champion`,
  weightRatio: (value) => `The weights moved ${value} times their length from the champion`,
  suiteOverdraw: (value) => `A suite was queried ${value} times beyond its reuse budget`,
};

const overdraw = (evidence: Evidence): number =>
  evidence.suites.reduce((most, { queriesLeft }) => (-queriesLeft > most ? -queriesLeft : most), 0);

const budget = (rule: RuleOf<'BUDGET'>, evidence: Evidence): Reason => {
  const found = rule.quantity === 'suiteOverdraw' ? overdraw(evidence) : evidence.budgets[rule.quantity];
  const value = found === null ? null : found + 0;
  const rounded = value === null || Number.isInteger(value) ? value : Number(value.toPrecision(3));
  const sentence = `${budgetPhrases[rule.quantity](rounded ?? 'no finite number of')}; at most ${rule.atMost} is allowed.`;
  const passed = value !== null && value <= rule.atMost;
  return plain(rule, passed, { statistic: rule.quantity, value, bound: rule.atMost, sentence });
};

const evidenceRule = (rule: RuleOf<'EVIDENCE'>, evidence: Evidence): Reason => {
  const found = { statistic: rule.requirement, bound: rule.atLeast };
  if (rule.requirement === 'sealed-suites') {
    const value = evidence.suites.length;
    const sentence = `Sealed suites queried: ${value}; needed: at least ${rule.atLeast}.`;
    return plain(rule, value >= rule.atLeast, { ...found, value, sentence });
  }
  if (rule.requirement === 'passed-controls') {
    const { held, checked } = evidence.controls;
    const sentence = `Controls passed: ${held} of ${checked}; needed: all, and at least ${rule.atLeast}.`;
    return plain(rule, held >= rule.atLeast && held === checked, { ...found, value: held, sentence });
  }
  const agreed = evidence.evaluators.filter((evaluator) => evaluator.agreed).length;
  const sentence = `Evaluators in agreement: ${agreed} of ${evidence.evaluators.length}; needed: all, and at least ${rule.atLeast}.`;
  const passed = agreed >= rule.atLeast && agreed === evidence.evaluators.length;
  return plain(rule, passed, { ...found, value: agreed, sentence });
};

/** The share of alpha every candidate gets. */
export const alphaShare = ({ alphaPlan }: Constitution): number => alphaPlan.alpha / alphaPlan.kMax;

/** Rounding in a sum of equal shares, so that the last of kMax candidates still has its share. */
const roundingSlack = 1 + 1e-9;

const alphaBalance = (constitution: Constitution, { k, kMax, alphaSpent }: Evidence['lineage']): Reason => {
  const { alpha, kMax: planned } = constitution.alphaPlan;
  const left = alphaSpent + alphaShare(constitution) <= alpha * roundingSlack;
  const passed = left && k <= planned && kMax === planned;
  const spent = `alpha spent before: ${Number(alphaSpent.toPrecision(3))} of ${alpha}`;
  const sentence = passed
    ? `This is candidate ${k} of the ${planned} that may be judged (${spent}).`
    : `Candidate ${k} of a lineage declared for ${kMax} has no share of alpha left: the plan is for ${planned} (${spent}).`;
  const rule = { rule: builtInRules.alpha, kind: 'BUDGET' } as const;
  return plain(rule, passed, { statistic: 'candidate number', value: k, bound: planned, sentence });
};

const judgeRule = (constitution: Constitution, rule: Rule, evidence: Evidence): readonly Reason[] => {
  switch (rule.kind) {
    case 'HARD':
      return [hard(rule, evidence)];
    case 'BUDGET':
      return [budget(rule, evidence)];
    case 'EVIDENCE':
      return [evidenceRule(rule, evidence)];
    case 'PROCEDURAL':
      return [];
    default: {
      const paired = evidence.paired.find((p) => p.metric === rule.metric && p.reference === rule.reference);
      return [judgePaired(rule, paired, alphaShare(constitution), constitution.alphaPlan.rejectAlpha)];
    }
  }
};

const byKindThenName = (a: Reason, b: Reason): number => {
  const kinds = ruleKinds.indexOf(a.kind) - ruleKinds.indexOf(b.kind);
  return kinds !== 0 ? kinds : a.rule < b.rule ? -1 : 1;
};

const conclude = (reasons: readonly Reason[], alphaSpent: number, alphaLeft: number): Verdict => {
  const sorted = [...reasons].sort(byKindThenName);
  const has = (outcome: Reason['outcome']) => sorted.some((reason) => reason.outcome === outcome);
  const verdict = has('fail') ? 'REJECT' : has('undecided') ? 'INCONCLUSIVE' : 'ACCEPT';
  return { verdict, summary: summary(verdict, sorted), alphaSpent, alphaLeft, reasons: sorted };
};

const readEvidence = (constitution: Constitution, evidence: unknown): Verdict | Evidence => {
  const parsed = evidenceSchema.safeParse(evidence);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const where = issue?.path.join('.') || 'evidence';
  const sentence = `The evidence is missing or malformed at ${where}, and missing evidence fails.`.slice(0, 400);
  const rule = { rule: builtInRules.complete, kind: 'EVIDENCE' } as const;
  return conclude([plain(rule, false, { sentence })], alphaShare(constitution), 0);
};

/**
 * Judges one candidate. Pure and total: any value may be passed as evidence, and what is missing, malformed or not finite
 * is a REJECT. The order of rules and of evidence entries does not matter; the order of units does. Every judged
 * candidate spends its share of alpha, whatever the verdict; a candidate beyond the plan is never accepted. With
 * malformed evidence the balance left is unknown and given as 0.
 */
export const judge = (constitution: Constitution, evidence: unknown): Verdict => {
  const read = readEvidence(constitution, evidence);
  return 'verdict' in read ? read : judgeWellFormed(constitution, read);
};

/** What a verdict costs, and what is left on the lineage after it. */
const balanceAfter = (
  constitution: Constitution,
  lineage: Evidence['lineage'],
): Readonly<{ reason: Reason; spent: number; left: number }> => {
  const reason = alphaBalance(constitution, lineage);
  const spent = reason.outcome === 'pass' ? alphaShare(constitution) : 0;
  const left = constitution.alphaPlan.alpha - lineage.alphaSpent - spent;
  return { reason, spent, left: left > 0 ? left : 0 };
};

/**
 * The verdict on a candidate of whose evidence something is missing: what there is of the rest is not looked at, but for a
 * leak, which the HARD rule against it names beside.
 */
export const rejectMissing = (
  constitution: Constitution,
  lineage: Evidence['lineage'],
  what: string,
  { leaked = false }: Readonly<{ leaked?: boolean }> = {},
): Verdict => {
  const { reason, spent, left } = balanceAfter(constitution, lineage);
  const against = constitution.rules.filter((each) => each.kind === 'HARD' && each.check === 'honeypots-fail');
  const leaks = leaked ? against.map((each) => plain(each, false, { statistic: 'honeypots', sentence: LEAKED })) : [];
  const rule = { rule: builtInRules.complete, kind: 'EVIDENCE' } as const;
  const sentence = `The evidence is not complete: ${what}, and missing evidence fails.`;
  return conclude([reason, plain(rule, false, { sentence }), ...leaks], spent, left);
};

/** The same for evidence that is known to have the right shape, as simulations make it. */
export const judgeWellFormed = (constitution: Constitution, evidence: Evidence): Verdict => {
  const { reason, spent, left } = balanceAfter(constitution, evidence.lineage);
  const reasons = constitution.rules.flatMap((rule) => judgeRule(constitution, rule, evidence));
  return conclude([reason, ...reasons], spent, left);
};
