import { Args, Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Allow } from '#doors/allow.js';
import type { Page } from '#doors/page.js';
import { AllocationQuestions, AllocationView } from '#run/allocation.view.js';
import { CycleQuestions, CycleView } from '#run/cycle.view.js';
import { DriftQuestions, DriftView, type DriftQuery } from '#run/drift.view.js';
import { RunView } from '#run/run.view.js';
import { TimelineQuestions, TimelineView, type TimelineQuery } from '#run/timeline.view.js';
import { DriftArgs, given, TimelineArgs } from './arguments.js';
import { Batch } from './batch.js';
import { connectBeneath, connectionOf, ConnectionArgs, type Connection } from './connection.js';

const Cycles = connectionOf('Cycle', CycleView);
const Drift = connectionOf('DriftPoint', DriftView);
const Allocation = connectionOf('AllocationPoint', AllocationView);
const Timeline = connectionOf('RunEvent', TimelineView);

type First<F = unknown> = Readonly<{ asOf: number; limit: number }> & F;
type DriftFilter = Pick<DriftQuery, 'metric' | 'reference'>;
type TimelineFilter = Pick<TimelineQuery, 'type' | 'cycle' | 'order'>;

/** The lists beneath a run; those of several runs are read together. */
@Resolver(() => RunView)
@Allow('viewer', 'operator', 'auditor')
export class RunLists {
  private readonly firstCycles: Batch<string, First, Page<CycleView>>;
  private readonly firstDrift: Batch<string, First<DriftFilter>, Page<DriftView>>;
  private readonly firstAllocation: Batch<string, First, Page<AllocationView>>;
  private readonly firstEvents: Batch<string, First<TimelineFilter>, Page<TimelineView>>;

  constructor(
    private readonly cycleQuestions: CycleQuestions,
    private readonly driftQuestions: DriftQuestions,
    private readonly allocationQuestions: AllocationQuestions,
    private readonly timelineQuestions: TimelineQuestions,
  ) {
    this.firstCycles = new Batch((runs, { asOf, limit }) => cycleQuestions.firstPages(runs, asOf, limit));
    this.firstDrift = new Batch((runs, { asOf, ...query }) => driftQuestions.firstPages(runs, asOf, query));
    this.firstAllocation = new Batch((runs, { asOf, limit }) => allocationQuestions.firstPages(runs, asOf, limit));
    this.firstEvents = new Batch((runs, { asOf, ...query }) => timelineQuestions.firstPages(runs, asOf, query));
  }

  @ResolveField(() => Cycles, { nullable: true, description: 'by number, from the base (0) on' })
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

  @ResolveField(() => Drift, {
    nullable: true,
    description: 'how far the candidates moved, in the order it was measured',
  })
  drift(
    @Parent() run: RunView,
    @Args() { metric, reference, ...page }: DriftArgs,
    @Context() context: object,
  ): Promise<Connection<DriftView>> {
    const filter = given({ metric, reference });
    return connectBeneath(
      run,
      page,
      (asOf, limit) => this.firstDrift.answer(context, run.run, { asOf, limit, ...filter }),
      (asked) => this.driftQuestions.series(run.run, { ...asked, ...filter }),
    );
  }

  @ResolveField(() => Allocation, { nullable: true, description: 'what was learnt from, by cycle, then domain' })
  allocation(
    @Parent() run: RunView,
    @Args() page: ConnectionArgs,
    @Context() context: object,
  ): Promise<Connection<AllocationView>> {
    return connectBeneath(
      run,
      page,
      (asOf, limit) => this.firstAllocation.answer(context, run.run, { asOf, limit }),
      (asked) => this.allocationQuestions.series(run.run, asked),
    );
  }

  @ResolveField(() => Timeline, { nullable: true, description: 'every event of the run, with a sentence each' })
  timeline(
    @Parent() run: RunView,
    @Args() { type, cycle, orderBy: order, ...page }: TimelineArgs,
    @Context() context: object,
  ): Promise<Connection<TimelineView>> {
    const filter = given({ type, cycle, order });
    return connectBeneath(
      run,
      page,
      (asOf, limit) => this.firstEvents.answer(context, run.run, { asOf, limit, ...filter }),
      (asked) => this.timelineQuestions.events(run.run, { ...asked, ...filter }),
    );
  }
}
