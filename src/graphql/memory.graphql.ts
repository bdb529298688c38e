import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { Allow } from '#doors/allow.js';
import { MemoryQuestions } from '#memory/memory-questions.js';
import { MemoryView } from '#memory/memory.view.js';
import { RunView } from '#run/run.view.js';
import { placeOf } from './place.js';

/** It reads every event of a run: so many objects of a read model would be as much work. */
const MUCH_WORK = 100;

/** What runs remember. */
@Resolver(() => RunView)
@Allow('viewer', 'operator', 'auditor')
export class RunMemory {
  constructor(private readonly memories: MemoryQuestions) {}

  @ResolveField(() => MemoryView, {
    nullable: true,
    complexity: MUCH_WORK,
    description: 'what the run remembers, and how well it foresaw what came of its proposals',
  })
  memory(@Parent() { run, ...answer }: RunView): Promise<MemoryView> {
    return this.memories.of(run, placeOf(answer).asOf);
  }
}
