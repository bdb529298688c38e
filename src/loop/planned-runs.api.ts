import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { Matches } from 'class-validator';
import { Allow } from '#doors/allow.js';
import { From } from '#doors/caller.js';
import { dispatch } from '#doors/dispatch.js';
import { ExperimentPath } from '#doors/experiment-path.js';
import type { Origin } from '#doors/origin.js';
import { Refuses } from '#doors/problems.js';
import { Repeatable } from '#doors/repeatable.js';
import { NAME } from '#run/domain/config.js';
import { RunCommanded, RunCommands } from './run-commands.js';
import { StartPlannedRun } from './start-planned-run.js';

class PlannedRunRequest {
  @ApiProperty({ pattern: NAME.source, example: 'regimes-conservative-1', description: 'one of the registered runs' })
  @Matches(NAME, { message: 'a run is named by 1 to 63 of a-z, 0-9, "." and "-"' })
  readonly run!: string;
}

/** Runs of registered experiments are begun one by one, by whoever decides how many there are at once. */
@ApiTags('experiments')
@Controller('experiments')
@Allow('operator')
@Repeatable()
export class PlannedRunsApi {
  constructor(
    private readonly bus: CommandBus,
    private readonly commands: RunCommands,
  ) {}

  @Post(':experiment/runs')
  @HttpCode(200)
  @ApiOperation({
    operationId: 'startPlannedRun',
    summary:
      'Start a run of the experiment as it was registered; it then goes on by itself. One that began already is left as it is',
  })
  @ApiOkResponse({ type: RunCommanded })
  @Refuses(400, 409, 422)
  async start(
    @Param() { experiment }: ExperimentPath,
    @Body() { run }: PlannedRunRequest,
    @From() origin: Origin,
  ): Promise<RunCommanded> {
    await dispatch(this.bus, new StartPlannedRun(experiment, run, origin));
    return this.commands.now(run);
  }
}
