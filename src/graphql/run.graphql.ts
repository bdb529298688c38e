import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Allow } from '#doors/allow.js';
import { settleAsOf } from '#doors/as-of.js';
import type { Page } from '#doors/page.js';
import { Views } from '#doors/read-model.js';
import { CycleQuestions, CycleView } from '#run/cycle.view.js';
import { RunQuestions, RunView } from '#run/run.view.js';
import { CycleArgs, given, RunArgs, RunsArgs } from './arguments.js';
import { Batch } from './batch.js';
import { connect, connectBeneath, connectionOf, ConnectionArgs, type Connection } from './connection.js';
import { placed, placeOf } from './place.js';

const Runs = connectionOf('Run', RunView);
const Cycles = connectionOf('Cycle', CycleView);

type FirstPage = Readonly<{ asOf: number; limit: number }>;

/** Runs, and their cycles beneath them. */
@Resolver(() => RunView)
@Allow('viewer', 'operator', 'auditor')
export class RunGraph {
  private readonly firstCycles: Batch<string, FirstPage, Page<CycleView>>;

  constructor(
    private readonly views: Views,
    private readonly questions: RunQuestions,
    private readonly cycleQuestions: CycleQuestions,
  ) {
    this.firstCycles = new Batch((runs, { asOf, limit }) => cycleQuestions.firstPages(runs, asOf, limit));
  }

  @Query(() => Runs, { description: 'runs with their state' })
  runs(@Args() { status, orderBy: order, ...page }: RunsArgs): Promise<Connection<RunView>> {
    return connect(page, (asked) => this.questions.list({ ...asked, ...given({ status, order }) }));
  }

  @Query(() => RunView, { nullable: true, description: 'one run; everything beneath it is as of the same position' })
  async run(@Args() { name, asOf: asked }: RunArgs): Promise<RunView> {
    const asOf = await settleAsOf(this.views, asked ?? undefined);
    return placed(await this.questions.one(name, asOf), { asOf, asked: typeof asked === 'number' });
  }

  @ResolveField(() => Cycles, { description: 'by number, from the base (0) on' })
  cycles(
    @Parent() run: RunView,
    @Args() page: ConnectionArgs,
    @Context() context: object,
  ): Promise<Connection<CycleView>> {
    return connectBeneath(
      run,
      page,
      (asOf, limit) => this.firstCycles.answer(context, run.run, { asOf, limit }),
      (asked) => this.cycleQuestions.list(run.run, asked),
    );
  }

  @ResolveField(() => CycleView, { nullable: true, description: 'one cycle' })
  async cycle(@Parent() run: RunView, @Args() { cycle }: CycleArgs): Promise<CycleView> {
    const place = placeOf(run);
    return placed(await this.cycleQuestions.one(run.run, cycle, place.asOf), place);
  }
}
