import { Float, Int, ObjectType } from '@nestjs/graphql';
import { Shown } from '#doors/shown.js';
import type { Envelope, CurveEnvelope } from './domain/envelope.js';
import { WANTED } from './domain/envelope.js';
import type { Source } from './domain/readings.js';
import { causeSentence, curveSentence, envelopeSentence } from './domain/wording.js';

const better = 'positive where it got better';

@ObjectType('Interval')
export class IntervalView {
  @Shown(() => Float)
  readonly estimate!: number;
  @Shown(() => Float, { nullable: true })
  readonly low!: number | null;
  @Shown(() => Float, { nullable: true })
  readonly high!: number | null;
}

@ObjectType('CurvePoint')
export class CurvePointView {
  @Shown(() => Int, { description: '0 is the anchor' })
  readonly cycle!: number;
  @Shown(() => Float, { nullable: true, description: "mean over the seeds, in the metric's unit" })
  readonly value!: number | null;
  @Shown(() => Float, { nullable: true, description: 'lower end of the 95% band' })
  readonly low!: number | null;
  @Shown(() => Float, { nullable: true, description: 'upper end of the 95% band' })
  readonly high!: number | null;
  @Shown(() => Float, { nullable: true, description: 'best value up to this cycle' })
  readonly runningBest!: number | null;
  @Shown(() => Float, { nullable: true, description: 'by how much this cycle is worse than the running best' })
  readonly regret!: number | null;
}

@ObjectType('Peak')
export class PeakView {
  @Shown(() => Int, { description: 'cycle at which the mean curve is best' })
  readonly cycle!: number;
  @Shown(() => Int, { nullable: true, description: 'of the cycles that hold 95% of the resampled peaks, the first' })
  readonly cycleLow!: number | null;
  @Shown(() => Int, { nullable: true, description: 'and the last' })
  readonly cycleHigh!: number | null;
  @Shown(() => Float, {
    nullable: true,
    description: 'share of the resampled curves that are best before their last cycle',
  })
  readonly shareBeforeLast!: number | null;
  @Shown(() => IntervalView, { nullable: true, description: 'start to peak, in seeds that did not choose the peak' })
  readonly rise!: IntervalView | null;
  @Shown(() => IntervalView, {
    nullable: true,
    description: 'peak to last cycle, in seeds that did not choose the peak',
  })
  readonly drop!: IntervalView | null;
  @Shown(() => Boolean, {
    description: 'the drop is above 0 at 95% in both halves of the seeds, and as large as is of interest',
  })
  readonly shown!: boolean;
}

@ObjectType('Saturation')
export class SaturationView {
  @Shown(() => Float, { description: 'the level approached' })
  readonly limit!: number;
  @Shown(() => Float, { nullable: true })
  readonly limitLow!: number | null;
  @Shown(() => Float, { nullable: true })
  readonly limitHigh!: number | null;
  @Shown(() => Float, { description: 'the fitted level at the start' })
  readonly start!: number;
  @Shown(() => Float, { description: 'cycles in which the distance to the limit falls to 1/e' })
  readonly tauCycles!: number;
  @Shown(() => Float, { nullable: true })
  readonly tauLow!: number | null;
  @Shown(() => Float, { nullable: true })
  readonly tauHigh!: number | null;
  @Shown(() => Boolean, {
    description: 'less than half of the fitted way to the limit is gone: the limit means nothing',
  })
  readonly unbounded!: boolean;
}

@ObjectType('Band')
export class BandView {
  @Shown(() => Float)
  readonly centre!: number;
  @Shown(() => Float)
  readonly low!: number;
  @Shown(() => Float)
  readonly high!: number;
}

@ObjectType('Tail')
export class TailView {
  @Shown(() => Int)
  readonly fromCycle!: number;
  @Shown(() => IntervalView, { description: `change per cycle, ${better}` })
  readonly slope!: IntervalView;
  @Shown(() => Float, { description: '2% of the whole gain: a slope above it is compounding' })
  readonly threshold!: number;
  @Shown(() => String, { description: 'COMPOUNDING, BOUNDED or INCONCLUSIVE' })
  readonly compounding!: string;
  @Shown(() => Boolean, { description: 'the slope is above 0 at 95%' })
  readonly rising!: boolean;
  @Shown(() => BandView, { description: 'mean level over the tail, by an asymptotic confidence sequence' })
  readonly band!: BandView;
  @Shown(() => Boolean, { description: 'band and change over the tail are smaller than what is of interest' })
  readonly level!: boolean;
}

@ObjectType('Oscillation')
export class OscillationView {
  @Shown(() => Float, {
    nullable: true,
    description: 'standard deviation of the fluctuation that both halves of the items show',
  })
  readonly amplitude!: number | null;
  @Shown(() => Float, { nullable: true, description: 'null with fewer than 24 cycles' })
  readonly periodCycles!: number | null;
  @Shown(() => Float, { nullable: true, description: "Fisher's test, twice the median over the seeds" })
  readonly pValue!: number | null;
  @Shown(() => Boolean)
  readonly shown!: boolean;
}

@ObjectType('Curve')
export class CurveView {
  @Shown(() => String, { description: "proposal: every cycle's candidate; accepted: the champion after it" })
  readonly curve!: string;
  @Shown(() => String, { description: 'capability or general-bits-per-byte' })
  readonly metric!: string;
  @Shown(() => String)
  readonly unit!: string;
  @Shown(() => String, { description: 'higher or lower' })
  readonly better!: string;
  @Shown(() => Int)
  readonly seeds!: number;
  @Shown(() => String, {
    description:
      'improving, peaked, plateau, oscillating, compounding, collapsed or inconclusive; confirmed by two cycles',
  })
  readonly state!: string;
  @Shown(() => String, { description: 'what the last cycle shows, not confirmed yet' })
  readonly found!: string;
  @Shown(() => Int, { nullable: true })
  readonly sinceCycle!: number | null;
  @Shown(() => String, { nullable: true, description: 'what the intervals are over: seeds, or the items of one seed' })
  readonly over!: string | null;
  @Shown(() => IntervalView, { nullable: true, description: `last cycle against the anchor, ${better}` })
  readonly change!: IntervalView | null;
  @Shown(() => Float, { nullable: true, description: 'a change whose upper bound is below it is a collapse' })
  readonly collapseBound!: number | null;
  @Shown(() => CurvePointView, { isArray: true, description: 'the cycles that every seed has' })
  readonly points!: readonly CurvePointView[];
  @Shown(() => PeakView, { nullable: true })
  readonly peak!: PeakView | null;
  @Shown(() => SaturationView, { nullable: true })
  readonly saturation!: SaturationView | null;
  @Shown(() => TailView, { nullable: true, description: 'the last half of the cycles' })
  readonly tail!: TailView | null;
  @Shown(() => OscillationView, { nullable: true })
  readonly oscillation!: OscillationView | null;
  @Shown(() => String)
  readonly sentence!: string;
}

@ObjectType('Attribution')
export class AttributionView {
  @Shown(() => String, { description: 'GATE, POWER, CEILING, DATA or DYNAMICS' })
  readonly cause!: string;
  @Shown(() => Boolean)
  readonly holds!: boolean;
  @Shown(() => Float, { nullable: true })
  readonly value!: number | null;
  @Shown(() => Float, { description: 'what the value is held against' })
  readonly bound!: number;
  @Shown(() => String)
  readonly sentence!: string;
}

/** Did it help, where is the peak, how sure: one arm's curves, what they show and why they stall. */
@ObjectType('Envelope')
export class EnvelopeView {
  @Shown(() => String, { isArray: true, description: 'one for each seed' })
  readonly runs!: readonly string[];
  @Shown(() => String, {
    description: 'report: the sealed suite that the look opened; gate: the items of the verdicts',
  })
  readonly source!: string;
  @Shown(() => Boolean, { description: 'one seed: all of it describes that run and says nothing about the arm' })
  readonly descriptive!: boolean;
  @Shown(() => String)
  readonly sentence!: string;
  @Shown(() => CurveView, { isArray: true })
  readonly curves!: readonly CurveView[];
  @Shown(() => Float, { nullable: true, description: 'mean cosine of successive updates; below 0 they overshoot' })
  readonly meanCosine!: number | null;
  @Shown(() => Boolean, {
    nullable: true,
    description:
      'accepted capability gained less than is of interest over the tail; null before there is a tail, or where nothing was proposed',
  })
  readonly stalled!: boolean | null;
  @Shown(() => AttributionView, { isArray: true, description: 'what a stall may be due to; empty when not stalled' })
  readonly attribution!: readonly AttributionView[];
  @Shown(() => Int, { description: 'seeds that a claim about an arm wants' })
  readonly seedsWanted!: number;
  @Shown(() => Int, { description: 'cycles that it wants' })
  readonly cyclesWanted!: number;
  @Shown(() => Int, { description: 'the position of the log that the answer is as of' })
  readonly asOf!: number;
}

const curveView = (envelope: CurveEnvelope): CurveView => {
  const { metric, ...curve } = envelope;
  return {
    ...curve,
    metric: metric.metric,
    unit: metric.unit,
    better: metric.better,
    sentence: curveSentence(envelope),
  };
};

export const envelopeView = (envelope: Envelope, source: Source): Omit<EnvelopeView, 'asOf'> => ({
  ...envelope,
  source,
  sentence: envelopeSentence(envelope),
  curves: envelope.curves.map(curveView),
  attribution: envelope.attribution.map((found) => ({ ...found, sentence: causeSentence(found) })),
  seedsWanted: WANTED.seeds,
  cyclesWanted: WANTED.cycles,
});
