import { Module } from '@nestjs/common';
import { AdvanceRunHandler } from './advance-run.js';
import { StartRunHandler } from './start-run.js';

@Module({ providers: [StartRunHandler, AdvanceRunHandler] })
export class LoopModule {}
