import { Body, Controller, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Allow } from '#doors/allow.js';
import { From } from '#doors/caller.js';
import { dispatch } from '#doors/dispatch.js';
import type { Origin } from '#doors/origin.js';
import { Refuses } from '#doors/problems.js';
import { Reason } from '#doors/reason.js';
import { RotateLogKey } from './rotate-log-key.js';

export class KeyRotatedNow {
  @ApiProperty({ description: 'name of the log in its checkpoints' })
  readonly origin!: string;
  @ApiProperty({ description: 'c2sp.org/signed-note verifier key' })
  readonly oldKey!: string;
  @ApiProperty({ description: 'c2sp.org/signed-note verifier key' })
  readonly newKey!: string;
}

/** The owner of the data folder gives the log another signing key. */
@ApiTags('log')
@Controller('log/key-rotations')
@Allow('owner')
export class RotationApi {
  constructor(private readonly bus: CommandBus) {}

  @Post()
  @ApiOperation({ summary: 'Another signing key, made here, signs every checkpoint from now on' })
  @ApiCreatedResponse({ type: KeyRotatedNow })
  @Refuses(409, 422)
  rotate(@Body() { reason }: Reason, @From() origin: Origin): Promise<KeyRotatedNow> {
    return dispatch(this.bus, new RotateLogKey(reason, origin));
  }
}
