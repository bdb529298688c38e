import { Args, Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Allow } from '#doors/allow.js';
import type { Page } from '#doors/page.js';
import { EnvelopeQuestions, type EnvelopeQuery } from '#experiment/envelope-questions.js';
import { EnvelopeView } from '#experiment/envelope.view.js';
import { OptimismView } from '#experiment/optimism.view.js';
import { RetentionView } from '#experiment/retention.view.js';
import { RunFacts } from '#experiment/run-facts.js';
import { SeriesQuestions } from '#experiment/series-questions.js';
import { RunView } from '#run/run.view.js';
import { EnvelopeArgs, given } from './arguments.js';
import { Batch } from './batch.js';
import { connectBeneath, connectionOf, ConnectionArgs, type Connection } from './connection.js';
import { placeOf } from './place.js';

const Retention = connectionOf('Retention', RetentionView);
const Optimism = connectionOf('OptimismGap', OptimismView);

/** These read the results of many items: so many objects of a read model would be as much work. */
const MUCH_WORK = 100;

type At = Readonly<{ asOf: number }>;
type First = At & Readonly<{ limit: number }>;
type Arm = Readonly<{ run: string }> & Pick<EnvelopeQuery, 'runs' | 'source'>;

/** Each one's answer, or why there is none. */
const each = async <K, V>(of: readonly K[], ask: (one: K) => Promise<V>): Promise<readonly (V | Error)[]> =>
  (await Promise.allSettled(of.map(ask))).map((settled) =>
    settled.status === 'fulfilled' ? settled.value : (settled.reason as Error),
  );

/** What runs came to. The facts of several runs are read together. */
@Resolver(() => RunView)
@Allow('viewer', 'operator', 'auditor')
export class RunOutcome {
  private readonly envelopes: Batch<Arm, At, EnvelopeView>;
  private readonly firstRetention: Batch<string, First, Page<RetentionView>>;
  private readonly firstOptimism: Batch<string, First, Page<OptimismView>>;

  constructor(
    facts: RunFacts,
    envelopes: EnvelopeQuestions,
    private readonly series: SeriesQuestions,
  ) {
    this.envelopes = new Batch(async (arms, { asOf }) => {
      await facts.prepare(
        arms.flatMap(({ run, runs = [] }) => [run, ...runs]),
        asOf,
      );
      return each(arms, ({ run, ...query }) => envelopes.of(run, { ...query, asOf }));
    });
    this.firstRetention = new Batch(async (runs, page) => {
      await facts.prepare(runs, page.asOf);
      return each(runs, (run) => series.retention(run, page));
    });
    this.firstOptimism = new Batch(async (runs, page) => {
      await facts.prepare(runs, page.asOf);
      return each(runs, (run) => series.optimism(run, page));
    });
  }

  @ResolveField(() => EnvelopeView, {
    nullable: true,
    complexity: MUCH_WORK,
    description: 'did it help, where is the peak, how sure',
  })
  envelope(
    @Parent() { run, ...answer }: RunView,
    @Args() asked: EnvelopeArgs,
    @Context() context: object,
  ): Promise<EnvelopeView> {
    return this.envelopes.answer(context, { run, ...given(asked) }, { asOf: placeOf(answer).asOf });
  }

  @ResolveField(() => Retention, {
    nullable: true,
    complexity: MUCH_WORK,
    description: 'skills lost since they were accepted, by cycle, then family',
  })
  retention(
    @Parent() run: RunView,
    @Args() page: ConnectionArgs,
    @Context() context: object,
  ): Promise<Connection<RetentionView>> {
    return connectBeneath(
      run,
      page,
      (asOf, limit) => this.firstRetention.answer(context, run.run, { asOf, limit }),
      (asked) => this.series.retention(run.run, asked),
    );
  }

  @ResolveField(() => Optimism, {
    nullable: true,
    complexity: MUCH_WORK,
    description: 'how much better candidates looked at the gate than on the report; empty before the look',
  })
  optimismGap(
    @Parent() run: RunView,
    @Args() page: ConnectionArgs,
    @Context() context: object,
  ): Promise<Connection<OptimismView>> {
    return connectBeneath(
      run,
      page,
      (asOf, limit) => this.firstOptimism.answer(context, run.run, { asOf, limit }),
      (asked) => this.series.optimism(run.run, asked),
    );
  }
}
