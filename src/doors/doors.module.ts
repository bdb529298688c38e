import { Module } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { CheckedInput } from './checked-input.js';
import { HealthApi } from './health.api.js';
import { ProblemFilter } from './problem-filter.js';
import { Repetition } from './repetition.js';

/** What every HTTP request passes, and the routes that belong to no feature. */
@Module({
  controllers: [HealthApi],
  providers: [
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_PIPE, useClass: CheckedInput },
    { provide: APP_INTERCEPTOR, useClass: Repetition },
  ],
})
export class DoorsModule {}
