import { Body, Controller, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiCreatedResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Allow } from '#doors/allow.js';
import { ArtifactPath } from '#doors/artifacts.api.js';
import { From } from '#doors/caller.js';
import { dispatch } from '#doors/dispatch.js';
import type { Origin } from '#doors/origin.js';
import { Refuses } from '#doors/problems.js';
import { Reason } from '#doors/reason.js';
import { EraseArtifact } from './erase-artifact.js';

export class ErasureShown {
  @ApiProperty({ description: 'SHA-256 of what was erased' })
  readonly artifact!: string;
  @ApiProperty({ type: 'integer', nullable: true, description: 'how many bytes; null where they were damaged already' })
  readonly bytes!: number | null;
  @ApiProperty()
  readonly reason!: string;
  @ApiProperty()
  readonly requester!: string;
}

/** The owner of the data folder ends bytes that must not be kept. */
@ApiTags('artifacts')
@Controller('artifacts')
@Allow('owner')
export class ErasureApi {
  constructor(private readonly bus: CommandBus) {}

  @Post(':sha/erasure')
  @ApiOperation({ summary: 'End the bytes of an artifact for good; the log keeps its name, who decided it and why' })
  @ApiCreatedResponse({ type: ErasureShown })
  @Refuses(400, 404, 409, 422)
  erase(@Param() { sha }: ArtifactPath, @Body() { reason }: Reason, @From() origin: Origin): Promise<ErasureShown> {
    return dispatch(this.bus, new EraseArtifact(sha, reason, origin));
  }
}
