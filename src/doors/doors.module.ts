import { Module } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';
import { Log } from '#ledger/log.js';
import { ArtifactsApi } from './artifacts.api.js';
import { CheckedInput } from './checked-input.js';
import { EventsApi } from './events.api.js';
import { HealthApi } from './health.api.js';
import { LogApi } from './log.api.js';
import { LogTree } from './log-tree.js';
import { ProblemFilter } from './problem-filter.js';
import { Repetition } from './repetition.js';
import { SealedArtifacts } from './sealed-artifacts.js';

/** What every HTTP request passes, and the routes that belong to no feature. */
@Module({
  controllers: [HealthApi, LogApi, ArtifactsApi, EventsApi],
  providers: [
    { provide: LogTree, inject: [Log], useFactory: (log: Log) => new LogTree(log) },
    { provide: SealedArtifacts, inject: [Log], useFactory: (log: Log) => new SealedArtifacts(log) },
    { provide: APP_FILTER, useClass: ProblemFilter },
    { provide: APP_PIPE, useClass: CheckedInput },
    { provide: APP_INTERCEPTOR, useClass: Repetition },
  ],
  exports: [SealedArtifacts, LogTree],
})
export class DoorsModule {}
