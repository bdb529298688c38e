import { Module } from '@nestjs/common';
import { HaltRunHandler } from './halt-run.js';
import { ResumeRunHandler } from './resume-run.js';

@Module({ providers: [HaltRunHandler, ResumeRunHandler] })
export class RunModule {}
