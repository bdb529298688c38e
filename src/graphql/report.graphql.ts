import { Args, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { Allow } from '#doors/allow.js';
import { ExperimentQuestions } from '#report/experiment-questions.js';
import { ExperimentView } from '#report/experiment.view.js';
import { reportParts, ReportView } from '#report/report.view.js';
import { ExperimentArgs } from './arguments.js';
import { connect, connectionOf, RootConnectionArgs, type Connection } from './connection.js';
import { placed, placeOf } from './place.js';

const Experiments = connectionOf('Experiment', ExperimentView);

/** A report is drawn and written out, which reads everything of its experiment. */
const MUCH_WORK = 100;

/** Registered experiments and their reports. */
@Resolver(() => ExperimentView)
@Allow('viewer', 'operator', 'auditor')
export class ReportGraph {
  constructor(private readonly questions: ExperimentQuestions) {}

  @Query(() => Experiments, {
    nullable: true,
    description: 'registered experiments with the outcome of every hypothesis, in the order of their registration',
  })
  experiments(@Args() page: RootConnectionArgs): Promise<Connection<ExperimentView>> {
    return connect(page, (asked) => this.questions.list(asked));
  }

  @Query(() => ExperimentView, { nullable: true, description: 'one experiment with the outcome of every hypothesis' })
  async experiment(@Args() { name, asOf }: ExperimentArgs): Promise<ExperimentView> {
    const settled = await this.questions.settled(asOf ?? undefined);
    return placed(await this.questions.one(name, settled), { asOf: settled, asked: typeof asOf === 'number' });
  }

  @ResolveField(() => ReportView, {
    nullable: true,
    complexity: MUCH_WORK,
    description: 'hashes of its report; the files themselves are at /v1/experiments/<name>/report',
  })
  async report(@Parent() experiment: ExperimentView): Promise<ReportView> {
    return reportParts(await this.questions.report(experiment.experiment, placeOf(experiment).asOf));
  }
}
