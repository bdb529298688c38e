import { Module } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { RunViewsModule } from '#run/run-views.module.js';
import { doorOptions } from './door.js';
import { RunGraph } from './run.graphql.js';

/** The questions and commands as one graph, at /graphql. */
@Module({
  imports: [
    RunViewsModule,
    GraphQLModule.forRootAsync<MercuriusDriverConfig>({ driver: MercuriusDriver, useFactory: doorOptions }),
  ],
  providers: [RunGraph],
})
export class GraphqlDoorsModule {}
