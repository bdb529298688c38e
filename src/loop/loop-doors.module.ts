import { Module } from '@nestjs/common';
import { RunCommandsApi } from './run-commands.api.js';

/** The commands on runs over HTTP. */
@Module({ controllers: [RunCommandsApi] })
export class LoopDoorsModule {}
