import { Float, Int, ObjectType } from '@nestjs/graphql';
import type { Reason } from '#constitution/domain/verdict.js';
import { Shown } from '#doors/shown.js';
import { standsOn, type Cited } from './domain/rule-evidence.js';

/** A record that a verdict stands on. */
@ObjectType('EvidenceRef')
export class EvidenceView {
  @Shown(() => String)
  readonly stream!: string;
  @Shown(() => Int)
  readonly revision!: number;
  @Shown(() => Int, { description: 'its place in this log; GET /v1/log/{position} is the record itself' })
  readonly position!: number;
  @Shown(() => String)
  readonly type!: string;
  @Shown(() => String)
  readonly sentence!: string;
}

/** What a rule read that compares two models unit by unit. */
@ObjectType('PairedStatistic')
export class PairedView {
  @Shown(() => String)
  readonly metric!: string;
  @Shown(() => String, { description: 'accuracy of blocks (0 to 1), or bits-per-byte or brier (0 to 2) of documents' })
  readonly measure!: string;
  @Shown(() => String, { description: 'champion or anchor' })
  readonly reference!: string;
  @Shown(() => Float)
  readonly referenceMean!: number;
  @Shown(() => Float, { description: 'the mean difference to be exceeded' })
  readonly theta!: number;
  @Shown(() => Float, { nullable: true, description: 'evidence for the claim; 1/alpha is enough' })
  readonly eValue!: number | null;
  @Shown(() => Float, { nullable: true, description: 'evidence for the opposite' })
  readonly mirroredEValue!: number | null;
  @Shown(() => Int, { description: 'units read until the e-values stopped' })
  readonly unitsRead!: number;
  @Shown(() => Int)
  readonly units!: number;
  @Shown(() => Float, { nullable: true, description: 'mean difference over all units, larger is better' })
  readonly estimate!: number | null;
  @Shown(() => Float, { nullable: true, description: 'lower end of its 95% interval; descriptive, no rule reads it' })
  readonly low95!: number | null;
  @Shown(() => Float, { nullable: true })
  readonly high95!: number | null;
  @Shown(() => Int, { nullable: true, description: 'the unit that lost most, from 0' })
  readonly worstUnit!: number | null;
  @Shown(() => Float, { nullable: true })
  readonly worstDifference!: number | null;
}

/** One rule's finding. */
@ObjectType('RuleFinding')
export class RuleView {
  @Shown(() => String)
  readonly rule!: string;
  @Shown(() => String, { description: 'HARD, BUDGET, EVIDENCE, NON-INFERIORITY, SUPERIORITY, PROGRESS' })
  readonly kind!: string;
  @Shown(() => String, { description: 'pass, fail or undecided' })
  readonly outcome!: string;
  @Shown(() => String, { description: 'what was computed' })
  readonly statistic!: string;
  @Shown(() => Float, { nullable: true })
  readonly value!: number | null;
  @Shown(() => Float, { nullable: true, description: 'what `value` is held against' })
  readonly bound!: number | null;
  @Shown(() => Float)
  readonly alphaSpent!: number;
  @Shown(() => String)
  readonly sentence!: string;
  @Shown(() => PairedView, { nullable: true })
  readonly paired!: PairedView | null;
  @Shown(() => EvidenceView, { isArray: true, description: 'the records this finding stands on' })
  readonly evidence!: readonly EvidenceView[];
}

/** A field that comes out otherwise when the verdict is judged again. */
@ObjectType('VerdictDifference')
export class DifferenceView {
  @Shown(() => String)
  readonly what!: string;
  @Shown(() => String, { description: 'canonical JSON' })
  readonly recorded!: string;
  @Shown(() => String, { description: 'canonical JSON' })
  readonly recomputed!: string;
}

const pairedOf = ({ paired }: Reason): PairedView | null => {
  if (!paired) return null;
  const { ci95, worstUnit, ...rest } = paired;
  return {
    ...rest,
    low95: ci95?.[0] ?? null,
    high95: ci95?.[1] ?? null,
    worstUnit: worstUnit?.index ?? null,
    worstDifference: worstUnit?.difference ?? null,
  };
};

export type CitedRecord = Cited & EvidenceView;

export const evidenceOf = ({ stream, revision, position, type, sentence }: CitedRecord): EvidenceView => ({
  stream,
  revision,
  position,
  type,
  sentence,
});

export const ruleOf = (reason: Reason, cited: readonly CitedRecord[]): RuleView => ({
  rule: reason.rule,
  kind: reason.kind,
  outcome: reason.outcome,
  statistic: reason.statistic,
  value: reason.value,
  bound: reason.bound,
  alphaSpent: reason.alphaSpent,
  sentence: reason.sentence,
  paired: pairedOf(reason),
  evidence: cited.filter((each) => standsOn(reason, each)).map(evidenceOf),
});
