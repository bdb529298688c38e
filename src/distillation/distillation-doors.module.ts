import { Module } from '@nestjs/common';
import { DistillationApi } from './distillation.api.js';
import { DistillationQuestions } from './distillation-questions.js';

/** Questions about distillations. */
@Module({
  controllers: [DistillationApi],
  providers: [DistillationQuestions],
  exports: [DistillationQuestions],
})
export class DistillationDoorsModule {}
