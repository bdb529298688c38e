import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsNotEmpty, IsObject, IsString, Matches, MaxLength } from 'class-validator';
import { byOrigin, type Origin } from '#doors/origin.js';
import { decide, Ledger } from '#ledger/ledger.js';
import { NAME } from './domain/config.js';
import { resumeRun } from './domain/decisions.js';
import { runStream } from './domain/run.js';

/** Lets a halted run go on. */
export class ResumeRun extends Command<void> {
  @Matches(NAME) readonly run: string;
  @IsString() @IsNotEmpty() @MaxLength(2000) readonly reason: string;
  @IsObject() readonly origin: Origin;

  constructor(run: string, reason: string, origin: Origin) {
    super();
    this.run = run;
    this.reason = reason;
    this.origin = origin;
  }
}

@CommandHandler(ResumeRun)
export class ResumeRunHandler implements ICommandHandler<ResumeRun> {
  constructor(private readonly ledger: Ledger) {}

  async execute({ run, reason, origin }: ResumeRun): Promise<void> {
    await decide(this.ledger, runStream, run, resumeRun(reason, origin.requester), byOrigin(origin));
  }
}
