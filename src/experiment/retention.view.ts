import { Float, Int, ObjectType } from '@nestjs/graphql';
import { pageOf } from '#doors/page.js';
import { Shown } from '#doors/shown.js';

/** One target family after one cycle: what the champion can do, beside the best that an accepted one could do until then. */
@ObjectType('Retention')
export class RetentionView {
  @Shown(() => Int)
  readonly cycle!: number;
  @Shown(() => String, { description: 'SHA-256 of the champion after that cycle' })
  readonly champion!: string;
  @Shown(() => String, { description: 'the target family' })
  readonly family!: string;
  @Shown(() => Float, { description: 'accuracy, 0 to 1' })
  readonly accuracy!: number;
  @Shown(() => Float, { description: 'the best of all champions until then' })
  readonly bestAccuracy!: number;
  @Shown(() => Int, { description: 'after which cycle that was' })
  readonly bestCycle!: number;
  @Shown(() => String, { description: 'SHA-256 of that champion' })
  readonly bestChampion!: string;
  @Shown(() => Float, { description: 'lost since: best minus present' })
  readonly lost!: number;
  @Shown(() => Float, { nullable: true, description: '95% interval over the blocks' })
  readonly lostLow!: number | null;
  @Shown(() => Float, { nullable: true })
  readonly lostHigh!: number | null;
}

export class RetentionPage extends pageOf(RetentionView) {}
