import { Module, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { Artifacts } from '#ledger/artifacts.js';
import { Ledger } from '#ledger/ledger.js';
import { Claims } from './claims.js';
import { RefusalTally } from './refusal-tally.js';
import { TrainerApi } from './trainer.api.js';
import { TrainingDesk } from './training-desk.js';
import { Weights } from './weights.js';

/** The protocol for trainers in other processes. */
@Module({
  controllers: [TrainerApi],
  providers: [
    { provide: RefusalTally, inject: [Ledger], useFactory: (ledger: Ledger) => new RefusalTally(ledger) },
    {
      provide: Claims,
      inject: [TrainingDesk, Ledger, Artifacts, Weights, RefusalTally],
      useFactory: (...parts: ConstructorParameters<typeof Claims>) => new Claims(...parts),
    },
  ],
})
export class TrainerDoorsModule implements OnModuleInit, OnModuleDestroy {
  constructor(
    private readonly host: HttpAdapterHost<FastifyAdapter>,
    private readonly tally: RefusalTally,
  ) {}

  /** Bytes are taken as they come, however many they are. */
  onModuleInit(): void {
    this.host.httpAdapter
      .getInstance()
      .addContentTypeParser('application/octet-stream', (_request, payload, done) => done(null, payload));
  }

  onModuleDestroy(): Promise<void> {
    return this.tally.close();
  }
}
