import { Args, Query, Resolver } from '@nestjs/graphql';
import { Allow } from '#doors/allow.js';
import { CheckpointLineageView, CheckpointQuestions } from '#run/checkpoint.view.js';
import { LineageQuestions, LineageView } from '#run/lineage.view.js';
import { SuiteQuestions, SuiteView } from '#suite/suite.view.js';
import { CheckpointArgs, given, RootArgs, SuiteArgs, SuitesArgs } from './arguments.js';
import { connect, connectionOf, RootConnectionArgs, type Connection } from './connection.js';

const Lineages = connectionOf('Lineage', LineageView);
const Suites = connectionOf('Suite', SuiteView);

/** Balances of alpha and of reuse, and where weights come from. */
@Resolver()
@Allow('viewer', 'operator', 'auditor')
export class BalanceGraph {
  constructor(
    private readonly alpha: LineageQuestions,
    private readonly checkpoints: CheckpointQuestions,
    private readonly sealed: SuiteQuestions,
  ) {}

  @Query(() => Lineages, { nullable: true, description: 'lineages with their balance of alpha, the oldest first' })
  lineages(@Args() page: RootConnectionArgs): Promise<Connection<LineageView>> {
    return connect(page, (asked) => this.alpha.list(asked));
  }

  @Query(() => LineageView, { nullable: true, description: 'one lineage with its balance of alpha' })
  lineage(@Args() { root, asOf }: RootArgs): Promise<LineageView> {
    return this.alpha.one(root, asOf ?? undefined);
  }

  @Query(() => CheckpointLineageView, {
    nullable: true,
    description: 'the parents of a checkpoint back to the root, with verdicts',
  })
  checkpointLineage(@Args() { checkpoint, asOf }: CheckpointArgs): Promise<CheckpointLineageView> {
    return this.checkpoints.lineage(checkpoint, asOf ?? undefined);
  }

  @Query(() => Suites, {
    nullable: true,
    description: 'sealed suites with the balance of their reuse, in the order they were sealed',
  })
  suites(@Args() { role, ...page }: SuitesArgs): Promise<Connection<SuiteView>> {
    return connect(page, (asked) => this.sealed.list({ ...asked, ...given({ role }) }));
  }

  @Query(() => SuiteView, { nullable: true, description: 'one suite with the balance of its reuse' })
  suite(@Args() { name, asOf }: SuiteArgs): Promise<SuiteView> {
    return this.sealed.one(name, asOf ?? undefined);
  }
}
