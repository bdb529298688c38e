import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { ArrayNotEmpty, IsIn, IsInt, IsObject, Matches, Max, Min } from 'class-validator';
import { ROLES, type Role } from '#audit/domain/access-events.js';
import { auditStream } from '#audit/domain/audit.js';
import { issueToken } from '#audit/domain/tokens.js';
import { byOrigin, type Origin } from '#doors/origin.js';
import { Refused } from '#ledger/decider.js';
import { sha256 } from '#ledger/digest.js';
import { decide, Ledger } from '#ledger/ledger.js';
import { Secrets } from '#ledger/ports.js';
import { NAME } from '#ledger/schema.js';
import { SECRET_PREFIX } from './binding.js';

export const HOLDER = NAME;
const HOUR_MS = 3_600_000;
export const MOST_HOURS = 366 * 24;

/** A token with the only copy of its secret. */
export type Issued = Readonly<{
  token: string;
  name: string;
  roles: readonly Role[];
  expiresAt: string;
  secret: string;
}>;

/** Gives a secret to somebody. It is answered once; the log keeps its hash. */
export class IssueToken extends Command<Issued> {
  @Matches(HOLDER, { message: 'must be 1 to 63 of a-z, 0-9, "." and "-", and begin with a letter or digit' })
  readonly name: string;
  @ArrayNotEmpty()
  @IsIn(ROLES, { each: true, message: `each must be one of ${ROLES.join(', ')}` })
  readonly roles: readonly Role[];
  @IsInt() @Min(1) @Max(MOST_HOURS) readonly hours: number;
  @IsObject() readonly origin: Origin;

  constructor(name: string, roles: readonly Role[], hours: number, origin: Origin) {
    super();
    this.name = name;
    this.roles = roles;
    this.hours = hours;
    this.origin = origin;
  }
}

@CommandHandler(IssueToken)
export class IssueTokenHandler implements ICommandHandler<IssueToken> {
  constructor(
    private readonly ledger: Ledger,
    private readonly secrets: Secrets,
  ) {}

  async execute({ name, roles, hours, origin }: IssueToken): Promise<Issued> {
    const { clock, ids } = this.ledger;
    const now = clock.now();
    const issued = { token: ids.next(), name, roles, expiresAt: clock.after(now, hours * HOUR_MS) };
    const secret = `${SECRET_PREFIX}${this.secrets.next()}`;
    const decision = issueToken({ ...issued, secretHash: sha256(secret), requester: origin.requester, now });
    const receipt = await decide(this.ledger, auditStream, '', decision, byOrigin(origin));
    if (!receipt)
      throw new Refused(
        `token: "${name}" was issued under this very key before, and a secret is shown once; revoke it and issue another`,
      );
    return { ...issued, secret };
  }
}
