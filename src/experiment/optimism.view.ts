import { Float, Int, ObjectType } from '@nestjs/graphql';
import { pageOf } from '#doors/page.js';
import { Shown } from '#doors/shown.js';

/** How much better a candidate looked at the gate than on the sealed report, in one metric. */
@ObjectType('OptimismGap')
export class OptimismView {
  @Shown(() => Int)
  readonly cycle!: number;
  @Shown(() => String, { description: 'SHA-256 of the candidate' })
  readonly candidate!: string;
  @Shown(() => String, { nullable: true, description: 'ACCEPT, REJECT or INCONCLUSIVE' })
  readonly verdict!: string | null;
  @Shown(() => String, { description: 'capability or general-bits-per-byte' })
  readonly metric!: string;
  @Shown(() => String, {
    description: 'SHA-256 of what it is compared with: the champion it began from, or the anchor',
  })
  readonly reference!: string;
  @Shown(() => Float, { description: "gain on the gate's items, positive where better" })
  readonly gateGain!: number;
  @Shown(() => Float, { description: "gain on the report's items, positive where better" })
  readonly reportGain!: number;
  @Shown(() => Float, { description: 'gate minus report; above 0 the gate flattered the candidate' })
  readonly gap!: number;
  @Shown(() => Float, { nullable: true, description: '95% interval over the items of both suites' })
  readonly gapLow!: number | null;
  @Shown(() => Float, { nullable: true })
  readonly gapHigh!: number | null;
}

export class OptimismPage extends pageOf(OptimismView) {}
