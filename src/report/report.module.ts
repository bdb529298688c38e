import { Module } from '@nestjs/common';
import { ExperimentQuestions } from './experiment-questions.js';
import { ReportApi } from './report.api.js';

/** Questions about registered experiments, and their reports. */
@Module({ controllers: [ReportApi], providers: [ExperimentQuestions], exports: [ExperimentQuestions] })
export class ReportModule {}
