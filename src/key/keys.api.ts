import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Field, InputType, Int, ObjectType } from '@nestjs/graphql';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsArray, IsOptional, Matches, ValidateNested } from 'class-validator';
import { Allow } from '#doors/allow.js';
import { From } from '#doors/caller.js';
import { dispatch } from '#doors/dispatch.js';
import type { Origin } from '#doors/origin.js';
import { Refuses } from '#doors/problems.js';
import { Reason } from '#doors/reason.js';
import { Shown } from '#doors/shown.js';
import { SignatureGiven } from '#doors/signed.js';
import { fold } from '#ledger/ledger.js';
import { Log } from '#ledger/log.js';
import { NAME } from '#ledger/schema.js';
import { keyStream } from './domain/key-ring.js';
import { RegisterKey } from './register-key.js';
import { RevokeKey, type Revoked } from './revoke-key.js';

const SIGNED = 'of the registration; the first key of a log has none';

@InputType()
export class KeyRequest {
  @Shown(() => String, { pattern: NAME.source, description: 'whose key it is' })
  @Matches(NAME, { message: 'must be 1 to 63 of a-z, 0-9, "." and "-", and begin with a letter or digit' })
  readonly name!: string;

  @Shown(() => String, { description: 'Ed25519, the 32 raw bytes in base64' })
  @Matches(/^[A-Za-z0-9+/]{43}=$/, { message: 'must be the 32 raw bytes of an Ed25519 public key in base64' })
  readonly publicKey!: string;

  @ApiPropertyOptional({ type: [SignatureGiven], description: SIGNED })
  @Field(() => [SignatureGiven], { nullable: true, description: SIGNED })
  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => SignatureGiven)
  readonly signatures?: SignatureGiven[] | null;
}

@ObjectType('Key')
export class KeyShown {
  @Shown(() => String)
  readonly name!: string;
  @Shown(() => String, { description: 'SHA-256 of the raw public key, hex' })
  readonly keyId!: string;
  @Shown(() => String, { description: 'Ed25519, the 32 raw bytes in base64' })
  readonly publicKey!: string;
  @Shown(() => Boolean, { description: 'a revoked key signs nothing any more' })
  readonly revoked!: boolean;
}

@ObjectType('KeyRevoked')
export class KeyRevokedNow {
  @Shown(() => String)
  readonly name!: string;
  @Shown(() => String)
  readonly keyId!: string;
  @Shown(() => Int, { description: 'keys left whose signatures count' })
  readonly live!: number;
}

/** Keys of the people who sign amendments and resets. Only the owner of the data folder brings or revokes one. */
@ApiTags('keys')
@Controller('keys')
@Allow('owner')
export class KeysApi {
  constructor(
    private readonly bus: CommandBus,
    private readonly log: Log,
  ) {}

  @Get()
  @Allow('viewer', 'operator', 'auditor')
  @ApiOperation({ operationId: 'listKeys', summary: 'Every key that was ever registered, in that order' })
  @ApiOkResponse({ type: [KeyShown] })
  async list(): Promise<readonly KeyShown[]> {
    return (await fold(this.log, keyStream, '')).state.keys;
  }

  @Post()
  @ApiOperation({ summary: 'Make a public key known; signed by somebody known, but for the first one' })
  @ApiCreatedResponse({ type: KeyShown })
  @Refuses(400, 409, 422)
  register(@Body() { name, publicKey, signatures }: KeyRequest, @From() origin: Origin): Promise<KeyShown> {
    return dispatch(this.bus, new RegisterKey(name, publicKey, signatures ?? [], origin));
  }

  @Post(':key/revocation')
  @HttpCode(200)
  @ApiOperation({ summary: 'Make the signatures of a key worthless from now on; by its id or the name of its person' })
  @ApiOkResponse({ type: KeyRevokedNow })
  @Refuses(400, 409, 422)
  revoke(@Param('key') key: string, @Body() { reason }: Reason, @From() origin: Origin): Promise<Revoked> {
    return dispatch(this.bus, new RevokeKey(key, reason, origin));
  }
}
