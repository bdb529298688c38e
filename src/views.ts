import type { OnApplicationBootstrap, OnApplicationShutdown, Provider } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { AuditRejudging } from '#audit/audit-rejudging.js';
import { Sql, Views, type ReadModel } from '#doors/read-model.js';
import { experimentReadModel } from '#experiment/experiment-rows.js';
import { Log } from '#ledger/log.js';
import { LoopPorts } from '#loop/loop-ports.js';
import { lineageReadModel } from '#run/lineage-rows.js';
import { Rejudging } from '#run/rejudging.js';
import { runReadModel } from '#run/run-rows.js';
import { dataFolder } from '#store/data-folder.js';
import type { SqlDatabase } from '#store/sql-database.js';
import { SqlFollower } from '#store/sql-follower.js';
import { PgliteSql } from '#store/sql-pglite.js';
import { PostgresSql } from '#store/sql-postgres.js';
import { suiteReadModel } from '#suite/suite-rows.js';

/** Everything that is kept in SQL; a new one comes with its migration. */
const READ_MODELS: readonly ReadModel[] = [runReadModel, lineageReadModel, suiteReadModel, experimentReadModel];

/** Where read models are kept: a PostgreSQL server, or PGlite in the data folder. */
export type ViewsPlace = Readonly<{ data: string; databaseUrl?: string }>;

/** Fills the read models from the start of the application to its end. */
class FillingViews implements OnApplicationBootstrap, OnApplicationShutdown {
  constructor(
    private readonly follower: SqlFollower,
    private readonly database: SqlDatabase,
  ) {}

  onApplicationBootstrap(): void {
    this.follower.start();
  }

  async onApplicationShutdown(): Promise<void> {
    // Both at once: the follower may be waiting for a database that is only being opened.
    await Promise.all([this.follower.close(), this.database.close()]);
  }
}

/** The read models of a service, and what fills them. */
export const viewsOf = ({ data, databaseUrl }: ViewsPlace): Provider[] => [
  {
    provide: Sql,
    useFactory: () => (databaseUrl ? new PostgresSql(databaseUrl) : new PgliteSql(dataFolder(data).views)),
  },
  {
    provide: Views,
    inject: [Log, Sql, HttpAdapterHost],
    useFactory: (log: Log, database: SqlDatabase, host: HttpAdapterHost<FastifyAdapter>) => {
      const notice = (line: string): void => host.httpAdapter.getInstance().log.warn(line);
      return new SqlFollower(log, database, { models: READ_MODELS, notice });
    },
  },
  { provide: Rejudging, inject: [LoopPorts], useFactory: (ports: LoopPorts) => new AuditRejudging(ports) },
  {
    provide: FillingViews,
    inject: [Views, Sql],
    useFactory: (follower: SqlFollower, database: SqlDatabase) => new FillingViews(follower, database),
  },
];
