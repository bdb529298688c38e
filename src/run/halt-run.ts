import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsNotEmpty, IsObject, IsString, Matches, MaxLength } from 'class-validator';
import { byOrigin, type Origin } from '#doors/origin.js';
import { decide, Ledger } from '#ledger/ledger.js';
import { NAME } from './domain/config.js';
import { haltRun } from './domain/decisions.js';
import { runStream } from './domain/run.js';

/** Stops a run at its next step; nothing is lost and `resume` goes on from there. */
export class HaltRun extends Command<void> {
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

@CommandHandler(HaltRun)
export class HaltRunHandler implements ICommandHandler<HaltRun> {
  constructor(private readonly ledger: Ledger) {}

  async execute({ run, reason, origin }: HaltRun): Promise<void> {
    await decide(this.ledger, runStream, run, haltRun(reason, origin.requester), byOrigin(origin));
  }
}
