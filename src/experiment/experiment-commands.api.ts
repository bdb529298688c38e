import { Body, Controller, HttpCode, Param, Post, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiBody, ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { IsObject } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { Allow } from '#doors/allow.js';
import { From } from '#doors/caller.js';
import { dispatch } from '#doors/dispatch.js';
import { ExperimentPath } from '#doors/experiment-path.js';
import type { Origin } from '#doors/origin.js';
import { NotFound } from '#doors/problem.js';
import { Refuses } from '#doors/problems.js';
import { Reason } from '#doors/reason.js';
import { Repeatable } from '#doors/repeatable.js';
import { Log } from '#ledger/log.js';
import { ConcludeExperiment } from './conclude-experiment.js';
import { experimentJsonSchema } from './domain/json-schema.js';
import { knownExperiments, type KnownExperiment } from './known-experiments.js';
import { RegisterExperiment } from './register-experiment.js';

const { $schema: _dialect, ...REGISTRATION } = experimentJsonSchema();

export class AmendRegistrationRequest extends Reason {
  @ApiProperty({ ...REGISTRATION, description: 'the whole new registration, under the name that is amended' })
  @IsObject()
  readonly registration!: object;
}

export class ExperimentCommanded {
  @ApiProperty()
  readonly experiment!: string;
  @ApiProperty({ type: 'integer', description: '1 until it is amended' })
  readonly version!: number;
  @ApiProperty({ description: 'leaf hash of the record of its registration' })
  readonly leaf!: string;
  @ApiProperty({
    type: [Number],
    description: 'the seeds that follow from that hash, or from that of the experiment it is paired with',
  })
  readonly seeds!: readonly number[];
  @ApiProperty({ type: 'integer', description: 'looks taken so far' })
  readonly looks!: number;
}

const commanded = ({ state, leaf, planned }: KnownExperiment): ExperimentCommanded => ({
  experiment: state.registration.experiment,
  version: state.version,
  leaf,
  seeds: [...new Set(planned.map(({ seed }) => seed))],
  looks: state.looks.length,
});

/** The commands on registered experiments; their runs are started at /v1/experiments/{experiment}/runs. */
@ApiTags('experiments')
@Controller('experiments')
@Allow('operator')
@Repeatable()
export class ExperimentCommandsApi {
  constructor(
    private readonly bus: CommandBus,
    private readonly log: Log,
  ) {}

  @Post()
  @ApiOperation({
    operationId: 'registerExperiment',
    summary: 'Fix question, arms, seeds and hypotheses before the first run; the very same again changes nothing',
  })
  @ApiBody({ schema: REGISTRATION })
  @ApiCreatedResponse({ type: ExperimentCommanded })
  @Refuses(400, 409, 422)
  async register(
    @Body() registration: unknown,
    @From() origin: Origin,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ExperimentCommanded> {
    const known = await dispatch(this.bus, new RegisterExperiment(registration, origin));
    void reply.header('location', `/v1/experiments/${known.state.registration.experiment}`);
    return commanded(known);
  }

  @Post(':experiment/amendments')
  @ApiOperation({
    operationId: 'amendExperiment',
    summary: 'Put another registration in the place of the first, as long as no run of it began',
  })
  @ApiCreatedResponse({ type: ExperimentCommanded })
  @Refuses(400, 404, 409, 422)
  async amend(
    @Param() { experiment }: ExperimentPath,
    @Body() { registration, reason }: AmendRegistrationRequest,
    @From() origin: Origin,
  ): Promise<ExperimentCommanded> {
    await this.require(experiment);
    const named = { ...registration, experiment };
    return commanded(await dispatch(this.bus, new RegisterExperiment(named, origin, reason)));
  }

  @Post(':experiment/looks')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'concludeExperiment',
    summary: 'Take the next look: every hypothesis is concluded by its registered rule',
  })
  @ApiOkResponse({ type: ExperimentCommanded })
  @Refuses(400, 404, 409, 422)
  async conclude(@Param() { experiment }: ExperimentPath, @From() origin: Origin): Promise<ExperimentCommanded> {
    await this.require(experiment);
    return commanded(await dispatch(this.bus, new ConcludeExperiment(experiment, origin)));
  }

  /** @throws NotFound */
  private async require(experiment: string): Promise<void> {
    const known = await knownExperiments(this.log);
    if (!known.some(({ state }) => state.registration.experiment === experiment))
      throw new NotFound(`experiment "${experiment}" is not registered`);
  }
}
