import { Module } from '@nestjs/common';
import { RunCommandsApi } from './run-commands.api.js';
import { RunCommands } from './run-commands.js';

/** The commands on runs over HTTP. */
@Module({ controllers: [RunCommandsApi], providers: [RunCommands], exports: [RunCommands] })
export class LoopDoorsModule {}
