import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsObject } from 'class-validator';
import { byOrigin, type Origin } from '#doors/origin.js';
import { decide, Ledger } from '#ledger/ledger.js';
import { auditStream, recordVerification } from './domain/audit.js';
import type { Verification, Verdicts } from './domain/finding.js';

/** `verdicts`: of a verification that judged every run again too. */
type Recordable = Verification & Readonly<{ verdicts?: Verdicts }>;

/** Appends what a verification found. Whoever sends it has verified: checks themselves only read. */
export class RecordVerification extends Command<void> {
  @IsObject() readonly result: Recordable;
  @IsObject() readonly origin: Origin;

  constructor(result: Recordable, origin: Origin) {
    super();
    this.result = result;
    this.origin = origin;
  }
}

@CommandHandler(RecordVerification)
export class RecordVerificationHandler implements ICommandHandler<RecordVerification> {
  constructor(private readonly ledger: Ledger) {}

  async execute({ result, origin }: RecordVerification): Promise<void> {
    await decide(
      this.ledger,
      auditStream,
      '',
      recordVerification(result, result.verdicts?.disagreements),
      byOrigin(origin),
    );
  }
}
