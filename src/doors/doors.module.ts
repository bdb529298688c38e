import { Module } from '@nestjs/common';
import { APP_FILTER, APP_PIPE } from '@nestjs/core';
import { CheckedInput } from './checked-input.js';
import { HealthApi } from './health.api.js';
import { ProblemFilter } from './problem-filter.js';

/** What every HTTP request passes, and the routes that belong to no feature. */
@Module({
  controllers: [HealthApi],
  providers: [
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_PIPE, useClass: CheckedInput },
  ],
})
export class DoorsModule {}
