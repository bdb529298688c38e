import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsNotEmpty, IsString, Matches, MaxLength } from 'class-validator';
import { human } from '#doors/actors.js';
import { decide, Ledger } from '#ledger/ledger.js';
import { NAME } from './domain/config.js';
import { resumeRun } from './domain/decisions.js';
import { runStream } from './domain/run.js';

/** Lets a halted run go on. */
export class ResumeRun extends Command<void> {
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

@CommandHandler(ResumeRun)
export class ResumeRunHandler implements ICommandHandler<ResumeRun> {
  constructor(private readonly ledger: Ledger) {}

  async execute({ run, reason, requester }: ResumeRun): Promise<void> {
    await decide(this.ledger, runStream, run, resumeRun(reason, requester), { actor: human(requester) });
  }
}
