import { Args, Mutation, Resolver } from '@nestjs/graphql';
import { Allow } from '#doors/allow.js';
import { From } from '#doors/caller.js';
import type { Origin } from '#doors/origin.js';
import { AnchorWasReset, Drilled, RolledBack, RunBegun, RunCommanded, RunCommands } from '#loop/run-commands.js';
import { ReasonedArgs, ResetArgs, RollbackArgs, StartRunArgs } from './command-arguments.js';

/** The commands on runs, carried out as those of REST are. */
@Resolver()
@Allow('operator')
export class RunCommandsGraph {
  constructor(private readonly commands: RunCommands) {}

  @Mutation(() => RunBegun, { nullable: true, description: 'start a run; it then goes on by itself' })
  startRun(@Args() { file }: StartRunArgs, @From() origin: Origin): Promise<RunBegun> {
    return this.commands.start(file, origin);
  }

  @Mutation(() => RunCommanded, { nullable: true, description: 'stop a run at its next step' })
  haltRun(@Args() { run, input }: ReasonedArgs, @From() origin: Origin): Promise<RunCommanded> {
    return this.commands.halt(run, input.reason, origin);
  }

  @Mutation(() => RunCommanded, { nullable: true, description: 'let a halted run go on' })
  resumeRun(@Args() { run, input }: ReasonedArgs, @From() origin: Origin): Promise<RunCommanded> {
    return this.commands.resume(run, input.reason, origin);
  }

  @Mutation(() => RolledBack, {
    nullable: true,
    description: 'make an accepted checkpoint live again; it is hashed and probed anew before this answers',
  })
  rollBackRun(@Args() { run, input }: RollbackArgs, @From() origin: Origin): Promise<RolledBack> {
    return this.commands.rollBack(run, input, origin);
  }

  @Mutation(() => AnchorWasReset, {
    nullable: true,
    description: 'let a lineage start anew from the champion of a completed run, with the signatures of people',
  })
  resetAnchor(@Args() { run, input }: ResetArgs, @From() origin: Origin): Promise<AnchorWasReset> {
    return this.commands.resetAnchor(run, input, origin);
  }

  @Mutation(() => Drilled, {
    nullable: true,
    description: 'practise a rollback of a run that rests: to the champion before and forward again',
  })
  drillRun(@Args() { run, input }: ReasonedArgs, @From() origin: Origin): Promise<Drilled> {
    return this.commands.drill(run, input.reason, origin);
  }
}
