import { Args, Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Allow } from '#doors/allow.js';
import { CycleView } from '#run/cycle.view.js';
import { RunView } from '#run/run.view.js';
import { DifferenceView } from '#run/verdict-parts.view.js';
import { VerdictQuestions, VerdictView, type Judged } from '#run/verdict.view.js';
import { CycleArgs } from './arguments.js';
import { Batch } from './batch.js';
import { placeOf } from './place.js';

type At = Readonly<{ asOf: number }>;

/** Judging again is work of a second. */
const JUDGED_AGAIN = 500;

const batchOf = (verdicts: VerdictQuestions): Batch<Judged, At, VerdictView | null> =>
  new Batch(async (asked, { asOf }) => (await verdicts.recorded(asked, asOf)).map((found) => found ?? null));

/** The verdict on a cycle of a run. */
@Resolver(() => RunView)
@Allow('viewer', 'operator', 'auditor')
export class RunVerdict {
  private readonly verdicts: Batch<Judged, At, VerdictView | null>;

  constructor(verdicts: VerdictQuestions) {
    this.verdicts = batchOf(verdicts);
  }

  @ResolveField(() => VerdictView, { nullable: true, description: 'of a cycle, rule by rule; null before it' })
  verdict(
    @Parent() run: RunView,
    @Args() { cycle }: CycleArgs,
    @Context() context: object,
  ): Promise<VerdictView | null> {
    return this.verdicts.answer(context, { run: run.run, cycle }, { asOf: placeOf(run).asOf });
  }
}

/** The same beneath the cycle. */
@Resolver(() => CycleView)
@Allow('viewer', 'operator', 'auditor')
export class CycleVerdict {
  private readonly verdicts: Batch<Judged, At, VerdictView | null>;

  constructor(verdicts: VerdictQuestions) {
    this.verdicts = batchOf(verdicts);
  }

  @ResolveField(() => VerdictView, { nullable: true, description: 'rule by rule; null before it' })
  async verdict(
    @Parent() { run, cycle, verdictPosition, ...answer }: CycleView,
    @Context() context: object,
  ): Promise<VerdictView | null> {
    if (verdictPosition === null) return null;
    return this.verdicts.answer(context, { run, cycle }, { asOf: placeOf(answer).asOf });
  }
}

/** What only judging again can say; it is done when one of these is asked for. */
@Resolver(() => VerdictView)
@Allow('viewer', 'operator', 'auditor')
export class JudgedAgain {
  constructor(private readonly verdicts: VerdictQuestions) {}

  @ResolveField(() => Boolean, { nullable: true, complexity: JUDGED_AGAIN })
  async agrees(@Parent() { run, cycle }: VerdictView): Promise<boolean | null> {
    return (await this.verdicts.recomputed(run, cycle)).agrees;
  }

  @ResolveField(() => [DifferenceView], { complexity: JUDGED_AGAIN })
  async differences(@Parent() { run, cycle }: VerdictView): Promise<readonly DifferenceView[]> {
    return (await this.verdicts.recomputed(run, cycle)).differences;
  }

  @ResolveField(() => String, { nullable: true, complexity: JUDGED_AGAIN })
  async notRecomputed(@Parent() { run, cycle }: VerdictView): Promise<string | null> {
    return (await this.verdicts.recomputed(run, cycle)).notRecomputed;
  }
}
