import { Module } from '@nestjs/common';
import { HaltRunHandler } from './halt-run.js';
import { ResumeRunHandler } from './resume-run.js';
import { RollBackRunHandler } from './roll-back-run.js';

@Module({ providers: [HaltRunHandler, ResumeRunHandler, RollBackRunHandler] })
export class RunModule {}
