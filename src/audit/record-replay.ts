import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsNumber, IsObject, Min } from 'class-validator';
import { byOrigin, type Origin } from '#doors/origin.js';
import { decide, Ledger } from '#ledger/ledger.js';
import { Trainer } from '#trainer/trainer.js';
import { auditStream, recordReplay, type ReplayOutcome } from './domain/audit.js';

/** Appends what a replay found, and what it was computed with here. Whoever sends it has replayed. */
export class RecordReplay extends Command<void> {
  @IsObject() readonly outcome: ReplayOutcome;
  @IsNumber() @Min(0) readonly elapsedMs: number;
  @IsObject() readonly origin: Origin;

  constructor(outcome: ReplayOutcome, elapsedMs: number, origin: Origin) {
    super();
    this.outcome = outcome;
    this.elapsedMs = elapsedMs;
    this.origin = origin;
  }
}

@CommandHandler(RecordReplay)
export class RecordReplayHandler implements ICommandHandler<RecordReplay> {
  constructor(
    private readonly ledger: Ledger,
    private readonly trainer: Trainer,
  ) {}

  async execute({ outcome, elapsedMs, origin }: RecordReplay): Promise<void> {
    const { build, backend, threads } = this.trainer.facts();
    const decision = recordReplay(outcome, { build, backend, threads, elapsedMs });
    await decide(this.ledger, auditStream, '', decision, byOrigin(origin));
  }
}
