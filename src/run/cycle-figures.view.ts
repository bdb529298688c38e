import { Float, Int, ObjectType } from '@nestjs/graphql';
import { Shown } from '#doors/shown.js';
import type { Reason } from '#constitution/domain/verdict.js';
import type { ProbeRow, ProposalRow, UpdateRow } from './run-tables.js';

@ObjectType('DomainWeight')
export class DomainWeightView {
  @Shown(() => String, { example: 'sort' })
  readonly domain!: string;
  @Shown(() => Int, { description: 'share of the task batch in millionths' })
  readonly ppm!: number;
  @Shown(() => Float, { nullable: true, description: "the policy's score that led to it" })
  readonly score!: number | null;
}

@ObjectType('Proposal')
export class ProposalView {
  @Shown(() => Int)
  readonly position!: number;
  @Shown(() => String)
  readonly recordedAt!: string;
  @Shown(() => String, {
    description: 'schedule, or rescue: the candidate rejected before, half way back to the champion',
  })
  readonly trigger!: string;
  @Shown(() => String, { description: 'SHA-256 of the champion the update starts from' })
  readonly champion!: string;
  @Shown(() => String)
  readonly regime!: string;
  @Shown(() => Float)
  readonly learningRate!: number;
  @Shown(() => Int)
  readonly steps!: number;
  @Shown(() => Int, { description: 'sequences in a batch' })
  readonly batch!: number;
  @Shown(() => Int, { description: 'share of the batch that is replay, in millionths' })
  readonly replayPpm!: number;
  @Shown(() => Float, { description: 'weight of the KL to the anchor on general text' })
  readonly klBeta!: number;
  @Shown(() => String)
  readonly policy!: string;
  @Shown(() => DomainWeightView, { isArray: true })
  readonly weights!: readonly DomainWeightView[];
  @Shown(() => String)
  readonly constitution!: string;
  @Shown(() => Int)
  readonly constitutionVersion!: number;
}

@ObjectType('UpdateFigures')
export class UpdateView {
  @Shown(() => String, {
    description: 'requested, started, produced or aborted; interpolated where a rejected candidate was stepped back',
  })
  readonly stage!: string;
  @Shown(() => Int, { description: 'attempts so far' })
  readonly attempts!: number;
  @Shown(() => String, { nullable: true })
  readonly trainer!: string | null;
  @Shown(() => String, { nullable: true })
  readonly backend!: string | null;
  @Shown(() => Boolean, { nullable: true, description: 'whether a replay can train it again to the same bytes' })
  readonly replayable!: boolean | null;
  @Shown(() => String, { nullable: true, description: 'SHA-256 of the candidate' })
  readonly candidate!: string | null;
  @Shown(() => Int, { nullable: true })
  readonly steps!: number | null;
  @Shown(() => Float, { nullable: true, description: 'bytes read' })
  readonly tokens!: number | null;
  @Shown(() => Float, { nullable: true, description: 'nats per byte, first step' })
  readonly lossFirstNats!: number | null;
  @Shown(() => Float, { nullable: true, description: 'nats per byte, last step' })
  readonly lossLastNats!: number | null;
  @Shown(() => Float, { nullable: true, description: 'share of the step that the trust region or a rescue kept' })
  readonly factor!: number | null;
  @Shown(() => Float, { nullable: true })
  readonly klToChampionNatsPerByte!: number | null;
  @Shown(() => Float, { nullable: true })
  readonly klToAnchorNatsPerByte!: number | null;
  @Shown(() => Float, { nullable: true, description: 'distance of the weights from the champion, relative' })
  readonly weightRatio!: number | null;
  @Shown(() => Float, { nullable: true })
  readonly elapsedMs!: number | null;
  @Shown(() => String, { nullable: true, description: 'why the last attempt was aborted' })
  readonly aborted!: string | null;
}

/** A metric of candidate and reference on the same items. */
@ObjectType('Comparison')
export class ComparisonView {
  @Shown(() => String, { description: 'capability (accuracy, 0 to 1) or general-bits-per-byte (lower is better)' })
  readonly metric!: string;
  @Shown(() => Float, { nullable: true })
  readonly candidate!: number | null;
  @Shown(() => Float, { nullable: true, description: 'of the champion before, on the same items' })
  readonly champion!: number | null;
  @Shown(() => Float, { nullable: true, description: 'of the anchor, on the same items' })
  readonly anchor!: number | null;
  @Shown(() => String, { nullable: true, description: 'what `gain` is measured against: champion or anchor' })
  readonly reference!: string | null;
  @Shown(() => Float, {
    nullable: true,
    description: 'mean paired difference, larger is better, in the unit of the metric',
  })
  readonly gain!: number | null;
  @Shown(() => Float, { nullable: true, description: 'lower end of the 95% interval of `gain`; descriptive' })
  readonly gainLow95!: number | null;
  @Shown(() => Float, { nullable: true, description: 'upper end' })
  readonly gainHigh95!: number | null;
  @Shown(() => Int, { nullable: true, description: 'blocks or documents compared' })
  readonly units!: number | null;
}

export const proposalOf = ({ position, recorded_at: recordedAt, data }: ProposalRow): ProposalView => ({
  position,
  recordedAt,
  trigger: data.trigger,
  champion: data.champion,
  regime: data.regime.label,
  learningRate: data.regime.learningRate,
  steps: data.regime.steps,
  batch: data.regime.batch,
  replayPpm: data.regime.replayPpm,
  klBeta: data.regime.klBeta,
  policy: data.allocation.policy,
  weights: Object.entries(data.allocation.weightsPpm).map(([domain, ppm]) => ({
    domain,
    ppm,
    score: data.allocation.scores[domain] ?? null,
  })),
  constitution: data.constitution.id,
  constitutionVersion: data.constitution.version,
});

/** What is known of the last attempt, from the rows of all. */
export const updateOf = (rows: readonly UpdateRow[]): UpdateView | null => {
  const last = rows.at(-1);
  if (!last) return null;
  const now = rows.filter(({ attempt }) => attempt === last.attempt);
  const started = now.find(({ stage }) => stage === 'started')?.data;
  const produced = now.find(({ stage }) => stage === 'produced' || stage === 'interpolated')?.data;
  const aborted = now.find(({ stage }) => stage === 'aborted')?.data;
  return {
    stage: last.stage,
    attempts: Math.max(...rows.map(({ attempt }) => attempt)),
    trainer: started?.env?.trainer ?? null,
    backend: produced?.env?.backend ?? started?.env?.backend ?? null,
    replayable: produced?.replayable ?? null,
    candidate: produced?.candidate ?? null,
    steps: produced?.steps ?? null,
    tokens: produced?.tokens ?? null,
    lossFirstNats: produced?.lossFirstNats ?? null,
    lossLastNats: produced?.lossLastNats ?? null,
    factor: produced?.factor ?? null,
    klToChampionNatsPerByte: produced?.klToChampionNatsPerByte ?? null,
    klToAnchorNatsPerByte: produced?.klToAnchorNatsPerByte ?? null,
    weightRatio: produced?.weightRatio ?? null,
    elapsedMs: produced?.env?.elapsedMs ?? null,
    aborted: aborted ? `${aborted.reason}: ${aborted.message}` : null,
  };
};

type Column = 'capability' | 'general_bits_per_byte';

/** Probes of one metric beside the interval that the verdict's reasons have for it. */
export const comparisonOf = (
  metric: string,
  column: Column,
  probes: readonly ProbeRow[],
  reasons: readonly Reason[],
): ComparisonView | null => {
  const measured = (subject: string): number | null =>
    probes.find((probe) => probe.subject === subject && probe.role !== 'report' && probe[column] !== null)?.[column] ??
    null;
  const [candidate, champion, anchor] = ['candidate', 'champion', 'anchor'].map(measured);
  const paired = reasons.find((reason) => reason.paired?.metric === metric)?.paired;
  if (candidate === null && !paired) return null;
  const [gainLow95, gainHigh95] = paired?.ci95 ?? [null, null];
  return {
    metric,
    candidate: candidate ?? null,
    champion: champion ?? null,
    anchor: anchor ?? null,
    reference: paired?.reference ?? null,
    gain: paired?.estimate ?? null,
    gainLow95,
    gainHigh95,
    units: paired?.units ?? null,
  };
};
