import { ApiProperty } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { NAME } from '#ledger/schema.js';

const SIGNATURE = /^[A-Za-z0-9+/]{86}==$/;

/** A person's signature as it is handed in. */
export class SignatureGiven {
  @ApiProperty({ pattern: NAME.source, description: 'whose; a key of that name is registered', example: 'ada' })
  @Matches(NAME, { message: 'must be the name of a person whose key is registered' })
  readonly name!: string;

  @ApiProperty({ pattern: SIGNATURE.source, description: 'Ed25519, the 64 bytes in base64' })
  @Matches(SIGNATURE, { message: 'must be the 64 bytes of an Ed25519 signature in base64' })
  readonly signature!: string;
}
