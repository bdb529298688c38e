import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { IsNotEmpty, IsObject, IsString, MaxLength } from 'class-validator';
import { auditStream } from '#audit/domain/audit.js';
import { revokeToken } from '#audit/domain/tokens.js';
import { byOrigin, type Origin } from '#doors/origin.js';
import { decide, Ledger } from '#ledger/ledger.js';

/** Makes a token worthless from the next request on; named by its id or its holder. */
export class RevokeToken extends Command<void> {
  @IsString() @IsNotEmpty() @MaxLength(63) readonly which: string;
  @IsObject() readonly origin: Origin;

  constructor(which: string, origin: Origin) {
    super();
    this.which = which;
    this.origin = origin;
  }
}

@CommandHandler(RevokeToken)
export class RevokeTokenHandler implements ICommandHandler<RevokeToken> {
  constructor(private readonly ledger: Ledger) {}

  async execute({ which, origin }: RevokeToken): Promise<void> {
    const decision = revokeToken(which, origin.requester, this.ledger.clock.now());
    await decide(this.ledger, auditStream, '', decision, byOrigin(origin));
  }
}
