import { Module } from '@nestjs/common';
import { PlannedRunsApi } from './planned-runs.api.js';
import { RunCommandsApi } from './run-commands.api.js';
import { RunCommands } from './run-commands.js';

/** The commands on runs, those of experiments among them, over HTTP. */
@Module({ controllers: [RunCommandsApi, PlannedRunsApi], providers: [RunCommands], exports: [RunCommands] })
export class LoopDoorsModule {}
