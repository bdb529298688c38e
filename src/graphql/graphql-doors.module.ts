import { Module } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { AccessDoorsModule } from '#access/access-doors.module.js';
import { Admission } from '#access/admission.js';
import { DistillationDoorsModule } from '#distillation/distillation-doors.module.js';
import { DoorsModule } from '#doors/doors.module.js';
import { ExperimentModule } from '#experiment/experiment.module.js';
import { LoopDoorsModule } from '#loop/loop-doors.module.js';
import { MemoryModule } from '#memory/memory.module.js';
import { ReportModule } from '#report/report.module.js';
import { LineageModule } from '#run/lineage.module.js';
import { RunViewsModule } from '#run/run-views.module.js';
import { SuiteModule } from '#suite/suite.module.js';
import { doorOptions, requireReader } from './door.js';
import { RESOLVERS } from './resolvers.js';
import { SocketDoor } from './socket-door.js';

/** The questions and commands as one graph, at /graphql. */
@Module({
  imports: [
    DoorsModule,
    RunViewsModule,
    LineageModule,
    SuiteModule,
    ExperimentModule,
    MemoryModule,
    ReportModule,
    DistillationDoorsModule,
    LoopDoorsModule,
    GraphQLModule.forRootAsync<MercuriusDriverConfig>({
      driver: MercuriusDriver,
      imports: [AccessDoorsModule],
      inject: [Admission],
      useFactory: (admission: Admission) =>
        doorOptions(new SocketDoor((authorization) => admission.whoIs(authorization), requireReader)),
    }),
  ],
  providers: RESOLVERS,
})
export class GraphqlDoorsModule {}
