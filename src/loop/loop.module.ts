import { Module } from '@nestjs/common';
import { AdvanceRunHandler } from './advance-run.js';
import { RollBackRunHandler } from './roll-back-run.js';
import { StartRunHandler } from './start-run.js';

@Module({ providers: [StartRunHandler, AdvanceRunHandler, RollBackRunHandler] })
export class LoopModule {}
