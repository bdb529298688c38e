import { InputType } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { IsArray, Matches, ValidateNested } from 'class-validator';
import { NAME } from '#ledger/schema.js';
import { Reason } from './reason.js';
import { Shown } from './shown.js';

const SIGNATURE = /^[A-Za-z0-9+/]{86}==$/;

/** A person's signature as it is handed in. */
@InputType()
export class SignatureGiven {
  @Shown(() => String, {
    pattern: NAME.source,
    description: 'whose; a key of that name is registered',
    example: 'ada',
  })
  @Matches(NAME, { message: 'must be the name of a person whose key is registered' })
  readonly name!: string;

  @Shown(() => String, { pattern: SIGNATURE.source, description: 'Ed25519, the 64 bytes in base64' })
  @Matches(SIGNATURE, { message: 'must be the 64 bytes of an Ed25519 signature in base64' })
  readonly signature!: string;
}

/** Why people want something done that needs their signatures. */
@InputType()
export class SignedReason extends Reason {
  @Shown(() => SignatureGiven, { isArray: true, description: 'of the statement of this very change' })
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => SignatureGiven)
  readonly signatures!: SignatureGiven[];
}
