import { Body, Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { Allow } from '#doors/allow.js';
import { From } from '#doors/caller.js';
import type { Origin } from '#doors/origin.js';
import { Refuses } from '#doors/problems.js';
import { Reason } from '#doors/reason.js';
import { SignedReason } from '#doors/signed.js';
import { Repeatable } from '#doors/repeatable.js';
import { NAME } from '#run/domain/config.js';
import { runFileSchema } from '#run/domain/run-file.js';
import {
  AnchorWasReset,
  Drilled,
  RolledBack,
  RollbackRequest,
  RunBegun,
  RunCommanded,
  RunCommands,
} from './run-commands.js';

export class RunPath {
  @ApiProperty({ pattern: NAME.source })
  @Matches(NAME, { message: 'a run is named by 1 to 63 of a-z, 0-9, "." and "-"' })
  readonly run!: string;
}

const { $schema: _dialect, ...RUN_FILE } = z.toJSONSchema(runFileSchema, { io: 'input' }) as Record<string, unknown>;

@ApiTags('runs')
@Controller('runs')
@Allow('operator')
@Repeatable()
export class RunCommandsApi {
  constructor(private readonly commands: RunCommands) {}

  @Post()
  @ApiOperation({
    summary: 'Start a run: its corpora, constitution and suites are recorded, then it goes on by itself',
  })
  @ApiBody({ schema: RUN_FILE })
  @ApiCreatedResponse({ type: RunBegun })
  @Refuses(400, 409, 422)
  async start(
    @Body() file: unknown,
    @From() origin: Origin,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RunBegun> {
    const begun = await this.commands.start(file, origin);
    void reply.header('location', `/v1/runs/${begun.run}`);
    return begun;
  }

  @Post(':run/halt')
  @HttpCode(200)
  @ApiOperation({ summary: 'Stop a run at its next step' })
  @ApiOkResponse({ type: RunCommanded })
  @Refuses(400, 404, 409, 422)
  halt(@Param() { run }: RunPath, @Body() { reason }: Reason, @From() origin: Origin): Promise<RunCommanded> {
    return this.commands.halt(run, reason, origin);
  }

  @Post(':run/resume')
  @HttpCode(200)
  @ApiOperation({ summary: 'Let a halted run go on' })
  @ApiOkResponse({ type: RunCommanded })
  @Refuses(400, 404, 409, 422)
  resume(@Param() { run }: RunPath, @Body() { reason }: Reason, @From() origin: Origin): Promise<RunCommanded> {
    return this.commands.resume(run, reason, origin);
  }

  @Post(':run/rollback')
  @HttpCode(200)
  @ApiOperation({ summary: 'Make an accepted checkpoint live again; it is hashed and probed anew before this answers' })
  @ApiOkResponse({ type: RolledBack })
  @Refuses(400, 404, 409, 422)
  rollBack(@Param() { run }: RunPath, @Body() request: RollbackRequest, @From() origin: Origin): Promise<RolledBack> {
    return this.commands.rollBack(run, request, origin);
  }

  @Post(':run/anchor-reset')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Let a lineage start anew from the champion of a completed run, with the signatures of people',
  })
  @ApiOkResponse({ type: AnchorWasReset })
  @Refuses(400, 404, 409, 422)
  resetAnchor(
    @Param() { run }: RunPath,
    @Body() request: SignedReason,
    @From() origin: Origin,
  ): Promise<AnchorWasReset> {
    return this.commands.resetAnchor(run, request, origin);
  }

  @Post(':run/drill')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Practise a rollback of a run that rests: to the champion before and forward again, both probed anew',
  })
  @ApiOkResponse({ type: Drilled })
  @Refuses(400, 404, 409, 422)
  drill(@Param() { run }: RunPath, @Body() { reason }: Reason, @From() origin: Origin): Promise<Drilled> {
    return this.commands.drill(run, reason, origin);
  }
}
