import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsNotEmpty, IsString, Matches, MaxLength } from 'class-validator';
import { human } from '#doors/actors.js';
import { decide, Ledger } from '#ledger/ledger.js';
import { haltRun } from './domain/decisions.js';
import { runStream } from './domain/run.js';
import { NAME } from './domain/config.js';

/** Stops a run at its next step; nothing is lost and `resume` goes on from there. */
export class HaltRun extends Command<void> {
  @Matches(NAME) readonly run: string;
  @IsString() @IsNotEmpty() @MaxLength(2000) readonly reason: string;
  @IsString() @IsNotEmpty() @MaxLength(200) readonly requester: string;

  constructor(run: string, reason: string, requester: string) {
    super();
    this.run = run;
    this.reason = reason;
    this.requester = requester;
  }
}

@CommandHandler(HaltRun)
export class HaltRunHandler implements ICommandHandler<HaltRun> {
  constructor(private readonly ledger: Ledger) {}

  async execute({ run, reason, requester }: HaltRun): Promise<void> {
    await decide(this.ledger, runStream, run, haltRun(reason, requester), { actor: human(requester) });
  }
}
