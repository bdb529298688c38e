import { Body, Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import {
  ApiBody,
  ApiCreatedResponse,
  ApiHeader,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiTags,
} from '@nestjs/swagger';
import { IsNotEmpty, IsString, Matches, MaxLength } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { sightSentence } from '#constitution/domain/power.js';
import { Allow } from '#doors/allow.js';
import { From } from '#doors/caller.js';
import { dispatch } from '#doors/dispatch.js';
import type { Origin } from '#doors/origin.js';
import { NotFound } from '#doors/problem.js';
import { Refuses } from '#doors/problems.js';
import { LONGEST_REASON, Reason } from '#doors/reason.js';
import { fold } from '#ledger/ledger.js';
import { Log } from '#ledger/log.js';
import { HaltRun } from '#run/halt-run.js';
import { ResumeRun } from '#run/resume-run.js';
import { NAME } from '#run/domain/config.js';
import { runFileSchema } from '#run/domain/run-file.js';
import { runStream } from '#run/domain/run.js';
import { RollBackRun } from './roll-back-run.js';
import { StartRun } from './start-run.js';

const CHECKPOINT = /^[0-9a-f]{64}$/;

export class RunPath {
  @ApiProperty({ pattern: NAME.source })
  @Matches(NAME, { message: 'a run is named by 1 to 63 of a-z, 0-9, "." and "-"' })
  readonly run!: string;
}

export class RollbackRequest {
  @ApiProperty({ pattern: CHECKPOINT.source, description: 'an accepted checkpoint of this run' })
  @Matches(CHECKPOINT, { message: 'a checkpoint is named by 64 lower-case hex digits' })
  readonly to!: string;

  @ApiProperty({ description: 'why; kept in the log', maxLength: LONGEST_REASON })
  @IsString()
  @IsNotEmpty()
  @MaxLength(LONGEST_REASON)
  readonly reason!: string;
}

export class RunCommanded {
  @ApiProperty()
  readonly run!: string;
  @ApiProperty({ enum: ['running', 'halted', 'completed'] })
  readonly status!: string;
  @ApiProperty({
    description: 'SHA-256 of the weights that are live; null before the base is trained',
    type: String,
    nullable: true,
  })
  readonly champion!: string | null;
  @ApiProperty({ type: 'integer', description: 'revision of its last event' })
  readonly revision!: number;
}

export class RunBegun extends RunCommanded {
  @ApiProperty({ description: 'which gain and which loss the gate can tell apart' })
  readonly sight!: string;
}

export class RolledBack extends RunCommanded {
  @ApiProperty({ description: 'whether the checkpoint probes as it did when it was accepted' })
  readonly verified!: boolean;
}

const { $schema: _dialect, ...RUN_FILE } = z.toJSONSchema(runFileSchema, { io: 'input' }) as Record<string, unknown>;

@ApiTags('runs')
@Controller('runs')
@Allow('operator')
@ApiHeader({
  name: 'Idempotency-Key',
  required: false,
  description: 'a name for this command; its repetition is carried out once',
})
export class RunCommandsApi {
  constructor(
    private readonly bus: CommandBus,
    private readonly log: Log,
  ) {}

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
    const { data, sight } = await dispatch(this.bus, new StartRun(file, origin));
    const { run } = data.config;
    void reply.header('location', `/v1/runs/${run}`);
    return { ...(await this.now(run)), sight: sightSentence(sight) };
  }

  @Post(':run/halt')
  @HttpCode(200)
  @ApiOperation({ summary: 'Stop a run at its next step' })
  @ApiOkResponse({ type: RunCommanded })
  @Refuses(400, 404, 409, 422)
  async halt(@Param() { run }: RunPath, @Body() { reason }: Reason, @From() origin: Origin): Promise<RunCommanded> {
    await this.now(run);
    await dispatch(this.bus, new HaltRun(run, reason, origin));
    return this.now(run);
  }

  @Post(':run/resume')
  @HttpCode(200)
  @ApiOperation({ summary: 'Let a halted run go on' })
  @ApiOkResponse({ type: RunCommanded })
  @Refuses(400, 404, 409, 422)
  async resume(@Param() { run }: RunPath, @Body() { reason }: Reason, @From() origin: Origin): Promise<RunCommanded> {
    await this.now(run);
    await dispatch(this.bus, new ResumeRun(run, reason, origin));
    return this.now(run);
  }

  @Post(':run/rollback')
  @HttpCode(200)
  @ApiOperation({ summary: 'Make an accepted checkpoint live again; it is hashed and probed anew before this answers' })
  @ApiOkResponse({ type: RolledBack })
  @Refuses(400, 404, 409, 422)
  async rollBack(
    @Param() { run }: RunPath,
    @Body() { to, reason }: RollbackRequest,
    @From() origin: Origin,
  ): Promise<RolledBack> {
    await this.now(run);
    const { verified } = await dispatch(this.bus, new RollBackRun(run, to, reason, origin));
    return { ...(await this.now(run)), verified };
  }

  /** The run as the log has it now. @throws NotFound */
  private async now(run: string): Promise<RunCommanded> {
    const { state, revision } = await fold(this.log, runStream, run);
    if (state.status === 'absent' || revision === 'no-stream')
      throw new NotFound(`run "${run}" does not exist; GET /v1/runs lists those there are`);
    return { run, status: state.status, champion: state.champion ?? null, revision };
  }
}
