import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiProperty, ApiTags } from '@nestjs/swagger';
import { ArrayNotEmpty, IsIn, IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { ROLES, type Role } from '#audit/domain/access-events.js';
import { isLive } from '#audit/domain/tokens.js';
import { Allow } from '#doors/allow.js';
import { From } from '#doors/caller.js';
import { dispatch } from '#doors/dispatch.js';
import type { Origin } from '#doors/origin.js';
import { Clock } from '#ledger/ports.js';
import { HOLDER, IssueToken, MOST_HOURS, type Issued } from './issue-token.js';
import { RevokeToken } from './revoke-token.js';
import { TokenBook } from './token-book.js';

const DEFAULT_HOURS = 30 * 24;

export class TokenRequest {
  @ApiProperty({ pattern: HOLDER.source, description: 'who holds it; their commands are recorded under this name' })
  @Matches(HOLDER, { message: 'must be 1 to 63 of a-z, 0-9, "." and "-", and begin with a letter or digit' })
  readonly name!: string;

  @ApiProperty({ enum: ROLES, isArray: true, minItems: 1 })
  @ArrayNotEmpty()
  @IsIn(ROLES, { each: true, message: `each must be one of ${ROLES.join(', ')}` })
  readonly roles!: Role[];

  @ApiProperty({ required: false, type: 'integer', minimum: 1, maximum: MOST_HOURS, default: DEFAULT_HOURS })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(MOST_HOURS)
  readonly hours?: number;
}

export class TokenShown {
  @ApiProperty({ format: 'uuid' })
  readonly token!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ enum: ROLES, isArray: true })
  readonly roles!: readonly Role[];
  @ApiProperty({ format: 'date-time' })
  readonly expiresAt!: string;
  @ApiProperty({ enum: ['live', 'expired', 'revoked'] })
  readonly state!: 'live' | 'expired' | 'revoked';
}

export class TokenIssuedOnce {
  @ApiProperty({ format: 'uuid' })
  readonly token!: string;
  @ApiProperty()
  readonly name!: string;
  @ApiProperty({ enum: ROLES, isArray: true })
  readonly roles!: readonly Role[];
  @ApiProperty({ format: 'date-time' })
  readonly expiresAt!: string;
  @ApiProperty({ description: 'for "Authorization: Bearer …"; shown this once and kept nowhere' })
  readonly secret!: string;
}

@ApiTags('tokens')
@Controller('tokens')
@Allow('owner')
export class TokensApi {
  constructor(
    private readonly bus: CommandBus,
    private readonly book: TokenBook,
    private readonly clock: Clock,
  ) {}

  /** Every token that was ever issued, without its secret. */
  @Get()
  @ApiOkResponse({ type: [TokenShown] })
  async list(): Promise<TokenShown[]> {
    const now = this.clock.now();
    return (await this.book.all()).map((one) => {
      const { token, name, roles, expiresAt, revoked } = one;
      const state = revoked ? 'revoked' : isLive(one, now) ? 'live' : 'expired';
      return { token, name, roles, expiresAt, state };
    });
  }

  @Post()
  @ApiCreatedResponse({ type: TokenIssuedOnce })
  issue(@Body() { name, roles, hours = DEFAULT_HOURS }: TokenRequest, @From() origin: Origin): Promise<Issued> {
    return dispatch(this.bus, new IssueToken(name, roles, hours, origin));
  }

  /** By its id or the name of its holder; it opens nothing from the next request on. */
  @Delete(':token')
  @HttpCode(204)
  @ApiNoContentResponse()
  revoke(@Param('token') token: string, @From() origin: Origin): Promise<void> {
    return dispatch(this.bus, new RevokeToken(token, origin));
  }
}
