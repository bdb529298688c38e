import { Args, Query, Resolver } from '@nestjs/graphql';
import { Allow } from '#doors/allow.js';
import { DistillationQuestions } from '#distillation/distillation-questions.js';
import { DistillationView } from '#distillation/distillation.view.js';
import { DistillationArgs, DistillationsArgs, given } from './arguments.js';
import { connect, connectionOf, type Connection } from './connection.js';

const Distillations = connectionOf('Distillation', DistillationView);

/** Teachers and their students. */
@Resolver(() => DistillationView)
@Allow('viewer', 'operator', 'auditor')
export class DistillationGraph {
  constructor(private readonly questions: DistillationQuestions) {}

  @Query(() => Distillations, {
    nullable: true,
    description: 'distillations, exploratory or of an experiment, in the order of their beginnings',
  })
  distillations(@Args() { experiment, ...page }: DistillationsArgs): Promise<Connection<DistillationView>> {
    return connect(page, (asked) => this.questions.list({ ...asked, ...given({ experiment }) }));
  }

  @Query(() => DistillationView, {
    nullable: true,
    description: 'one distillation: teacher, and of every arm transfer and alignment apart',
  })
  distillation(@Args() { name, asOf }: DistillationArgs): Promise<DistillationView> {
    return this.questions.one(name, asOf ?? undefined);
  }
}
