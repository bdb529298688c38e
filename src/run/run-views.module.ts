import { Module } from '@nestjs/common';
import { AllocationQuestions } from './allocation.view.js';
import { CycleQuestions } from './cycle.view.js';
import { DriftQuestions } from './drift.view.js';
import { LiveQuestions } from './live.view.js';
import { RunApi } from './run.api.js';
import { RunQuestions } from './run.view.js';
import { TimelineQuestions } from './timeline.view.js';
import { VerdictQuestions } from './verdict.view.js';

const QUESTIONS = [
  RunQuestions,
  CycleQuestions,
  VerdictQuestions,
  DriftQuestions,
  AllocationQuestions,
  TimelineQuestions,
  LiveQuestions,
];

/** Questions about runs, over whatever database the application binds. */
@Module({ controllers: [RunApi], providers: QUESTIONS, exports: QUESTIONS })
export class RunViewsModule {}
