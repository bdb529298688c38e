import { Args, Context, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Allow } from '#doors/allow.js';
import { settleAsOf } from '#doors/as-of.js';
import { Views } from '#doors/read-model.js';
import { CycleQuestions, CycleView } from '#run/cycle.view.js';
import { LineageQuestions, LineageView } from '#run/lineage.view.js';
import { LiveQuestions, LiveView, type LiveQuery } from '#run/live.view.js';
import { RunQuestions, RunView } from '#run/run.view.js';
import { CycleArgs, given, LiveArgs, RunArgs, RunsArgs } from './arguments.js';
import { Batch } from './batch.js';
import { connect, connectionOf, type Connection } from './connection.js';
import { placed, placeOf } from './place.js';

const Runs = connectionOf('Run', RunView);

/** Runs, and the single answers beneath them. */
@Resolver(() => RunView)
@Allow('viewer', 'operator', 'auditor')
export class RunGraph {
  private readonly live: Batch<string, LiveQuery, LiveView>;
  private readonly lineages: Batch<string, Readonly<{ asOf: number }>, LineageView>;

  constructor(
    private readonly views: Views,
    private readonly questions: RunQuestions,
    private readonly cycles: CycleQuestions,
    live: LiveQuestions,
    lineages: LineageQuestions,
  ) {
    this.live = new Batch((runs, query) => live.atEach(runs, query));
    this.lineages = new Batch(async (roots, { asOf }) => {
      const found = await lineages.ofRoots(roots, asOf);
      return roots.map((root) => found.get(root) ?? new RangeError(`lineage ${root}: there is none`));
    });
  }

  @Query(() => Runs, { nullable: true, description: 'runs with their state' })
  runs(@Args() { status, orderBy: order, ...page }: RunsArgs): Promise<Connection<RunView>> {
    return connect(page, (asked) => this.questions.list({ ...asked, ...given({ status, order }) }));
  }

  @Query(() => RunView, { nullable: true, description: 'one run; everything beneath it is as of the same position' })
  async run(@Args() { name, asOf: asked }: RunArgs): Promise<RunView> {
    const asOf = await settleAsOf(this.views, asked ?? undefined);
    return placed(await this.questions.one(name, asOf), { asOf, asked: typeof asked === 'number' });
  }

  @ResolveField(() => CycleView, { nullable: true, description: 'one cycle' })
  async cycle(@Parent() run: RunView, @Args() { cycle }: CycleArgs): Promise<CycleView> {
    const place = placeOf(run);
    return placed(await this.cycles.one(run.run, cycle, place.asOf), place);
  }

  @ResolveField(() => LiveView, {
    nullable: true,
    description: 'which weights were live at a position or a time, and why',
  })
  liveAt(@Parent() run: RunView, @Args() asked: LiveArgs, @Context() context: object): Promise<LiveView> {
    const query = given(asked);
    const { position = placeOf(run).asOf, ...byTime } = query;
    return this.live.answer(context, run.run, query.time === undefined ? { position } : { ...query, ...byTime });
  }

  @ResolveField(() => LineageView, {
    nullable: true,
    description: 'the balance of alpha that it shares with its relatives',
  })
  lineage(@Parent() run: RunView, @Context() context: object): Promise<LineageView> {
    return this.lineages.answer(context, run.lineageRoot, { asOf: placeOf(run).asOf });
  }
}
