import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsNotEmpty, IsString, Matches, MaxLength } from 'class-validator';
import { human } from '#doors/actors.js';
import { decide, Ledger } from '#ledger/ledger.js';
import { NAME } from './domain/config.js';
import { rollBack } from './domain/decisions.js';
import { runStream } from './domain/run.js';

/** Makes an accepted ancestor the champion again; the loop then re-hashes and re-probes it. */
export class RollBackRun extends Command<void> {
  @Matches(NAME) readonly run: string;
  @Matches(/^[0-9a-f]{64}$/, { message: 'must be a checkpoint hash of 64 hex digits' }) readonly to: string;
  @IsString() @IsNotEmpty() @MaxLength(2000) readonly reason: string;
  @IsString() @IsNotEmpty() @MaxLength(200) readonly requester: string;

  constructor(run: string, to: string, reason: string, requester: string) {
    super();
    this.run = run;
    this.to = to;
    this.reason = reason;
    this.requester = requester;
  }
}

@CommandHandler(RollBackRun)
export class RollBackRunHandler implements ICommandHandler<RollBackRun> {
  constructor(private readonly ledger: Ledger) {}

  async execute({ run, to, reason, requester }: RollBackRun): Promise<void> {
    await decide(this.ledger, runStream, run, rollBack(to, reason, requester), { actor: human(requester) });
  }
}
