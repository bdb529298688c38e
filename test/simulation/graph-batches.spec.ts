import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NestFactory } from '@nestjs/core';
import { CommandBus } from '@nestjs/cqrs';
import { AbstractGraphQLDriver, GraphQLModule, GraphQLSchemaHost } from '@nestjs/graphql';
import { graphql, type ExecutionResult } from 'graphql';
import type { Kysely, KyselyPlugin } from 'kysely';
import { AuditRejudging } from '#audit/audit-rejudging.js';
import { Sql, Views } from '#doors/read-model.js';
import { ExperimentModule } from '#experiment/experiment.module.js';
import { experimentReadModel } from '#experiment/experiment-rows.js';
import { RunOutcome } from '#graphql/experiment.graphql.js';
import { RunLists } from '#graphql/run-lists.graphql.js';
import { RunGraph } from '#graphql/run.graphql.js';
import { CycleVerdict, JudgedAgain, RunVerdict } from '#graphql/verdict.graphql.js';
import { Artifacts } from '#ledger/artifacts.js';
import { Log } from '#ledger/log.js';
import { advanceRun } from '#loop/run-loop.js';
import { lineageReadModel } from '#run/lineage-rows.js';
import { LineageModule } from '#run/lineage.module.js';
import { Rejudging } from '#run/rejudging.js';
import { runReadModel } from '#run/run-rows.js';
import { RunViewsModule } from '#run/run-views.module.js';
import { PgliteSql } from '#store/sql-pglite.js';
import { SqlFollower } from '#store/sql-follower.js';
import { begin, smallFile, smallPorts } from './small-run.js';

/** Serves nothing: the schema is asked directly. */
class NoServer extends AbstractGraphQLDriver {
  async start(): Promise<void> {}
  async stop(): Promise<void> {}
}

/** The database, and how many statements were sent to it. */
class CountedSql extends Sql {
  statements = 0;

  constructor(private readonly counted: Sql) {
    super();
  }

  override get db(): Kysely<unknown> {
    const counter: KyselyPlugin = {
      transformQuery: ({ node }) => {
        this.statements += 1;
        return node;
      },
      transformResult: async ({ result }) => result,
    };
    return this.counted.db.withPlugin(counter);
  }
}

const EVERYTHING = `query ($first: Int!) {
  runs(first: $first, orderBy: asc) { edges { node {
    run
    cycles(first: 5) { edges { node { cycle verdict { verdict evidence { type } } } } }
    verdict(cycle: 1) { verdict summary }
    drift(first: 3) { edges { node { metric value } } }
    allocation(first: 3) { edges { node { domain ppm } } }
    timeline(first: 3, orderBy: desc) { edges { node { sentence } } }
    liveAt { sentence }
    lineage { alphaLeft runs { run } }
    retention(first: 3) { edges { node { family lost } } }
    optimismGap(first: 3) { edges { node { gap } } }
    envelope { sentence }
  } } }
}`;

describe('what is asked beneath several runs', () => {
  const ports = smallPorts();
  let folder: string;
  let database: PgliteSql;
  let views: SqlFollower;

  beforeAll(async () => {
    for (const run of ['a', 'b', 'c']) await begin(ports, smallFile(run, { cycles: 1 }));
    await advanceRun(ports, 'a');
    await advanceRun(ports, 'b');
    folder = await mkdtemp(join(tmpdir(), 'graph-'));
    database = new PgliteSql(join(folder, 'views'));
    views = new SqlFollower(ports.ledger.log, database, {
      models: [runReadModel, lineageReadModel, experimentReadModel],
    });
    views.start();
    await views.caughtUp(60_000);
  }, 120_000);
  afterAll(async () => {
    await views.close();
    await database.close();
    await ports.shadow.close();
    await rm(folder, { recursive: true });
  });

  const ask = async (first: number): Promise<{ statements: number; answer: ExecutionResult }> => {
    const counted = new CountedSql(database);
    class Bound {}
    const providers = [
      { provide: Sql, useValue: counted },
      { provide: Views, useValue: views },
      { provide: Artifacts, useValue: ports.artifacts },
      // Commands share a module with the questions; none is given here.
      { provide: CommandBus, useValue: {} },
      { provide: Log, useValue: ports.ledger.log },
      { provide: Rejudging, useValue: new AuditRejudging(ports) },
    ];
    class Graph {}
    const module = {
      module: Graph,
      imports: [
        { module: Bound, global: true, providers, exports: providers.map(({ provide }) => provide) },
        RunViewsModule,
        LineageModule,
        ExperimentModule,
        GraphQLModule.forRoot({ driver: NoServer, autoSchemaFile: true }),
      ],
      providers: [RunGraph, RunLists, RunVerdict, CycleVerdict, JudgedAgain, RunOutcome],
    };
    const context = await NestFactory.createApplicationContext(module, { logger: false });
    const { schema } = context.get(GraphQLSchemaHost, { strict: false });
    const answer = await graphql({ schema, source: EVERYTHING, variableValues: { first }, contextValue: {} });
    await context.close();
    return { statements: counted.statements, answer };
  };

  it('takes as many statements for three runs as for one', async () => {
    const [one, three] = [await ask(1), await ask(3)];
    const runs = (three.answer.data as { runs: { edges: readonly unknown[] } }).runs.edges;
    expect(three.answer.errors ?? []).toEqual([]);
    expect(runs).toHaveLength(3);
    expect((one.answer.data as { runs: { edges: readonly unknown[] } }).runs.edges).toEqual(runs.slice(0, 1));
    expect(three.statements).toBe(one.statements);
    // The last change of any run, the runs, the training texts, and one for each kind of list or answer beneath them.
    expect(one.statements).toBeLessThanOrEqual(14);
  });
});
