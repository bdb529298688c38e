import { Injectable } from '@nestjs/common';
import { Int, ObjectType } from '@nestjs/graphql';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import { sql } from 'kysely';
import { pageFrom, placeSchema, settleAsOf } from '#doors/as-of.js';
import { BulkQuery } from '#doors/bulk.js';
import { changeOf, KeptRows } from '#doors/kept-rows.js';
import { pageOf, type Page } from '#doors/page.js';
import { NotFound } from '#doors/problem.js';
import { Sql, Views } from '#doors/read-model.js';
import { Shown } from '#doors/shown.js';
import { ROLES, type Role } from './domain/events.js';
import type { SealedSuite } from './domain/suite.js';

@ObjectType('SuiteUse')
export class SuiteUseView {
  @Shown(() => String)
  readonly run!: string;
  @Shown(() => Int, { description: 'queries of the suite by this run' })
  readonly queries!: number;
  @Shown(() => Int, { description: 'the last cycle that asked' })
  readonly lastCycle!: number;
  @Shown(() => Int, { description: 'position of its last query' })
  readonly position!: number;
}

/** A sealed suite and the balance of its reuse. Its items stay sealed. */
@ObjectType('Suite')
export class SuiteView {
  @Shown(() => String)
  readonly suite!: string;
  @Shown(() => String, { description: 'scout, gate, shadow or report' })
  readonly role!: string;
  @Shown(() => String, { isArray: true, description: 'bits-per-byte, accuracy' })
  readonly metrics!: readonly string[];
  @Shown(() => Int, { description: 'sequences sealed; 0 where they are drawn for each candidate' })
  readonly items!: number;
  @Shown(() => Int, { description: 'independent units sealed; 0 where they are drawn' })
  readonly clusters!: number;
  @Shown(() => Int, { description: 'tokens of a sequence' })
  readonly sequence!: number;
  @Shown(() => String, { isArray: true })
  readonly corpora!: readonly string[];
  @Shown(() => String, { isArray: true })
  readonly families!: readonly string[];
  @Shown(() => Int, { description: 'windows not taken since they share 64 bytes with training text' })
  readonly overlapLeftOut!: number;
  @Shown(() => String, { description: 'SHA-256 that fixed the suite before any candidate existed' })
  readonly seedCommitment!: string;
  @Shown(() => Int, { description: 'queries allowed in all' })
  readonly budgetQueries!: number;
  @Shown(() => Int)
  readonly usedQueries!: number;
  @Shown(() => Int, { description: 'negative when overdrawn' })
  readonly leftQueries!: number;
  @Shown(() => SuiteUseView, { isArray: true, description: 'by run, in the order of their first query' })
  readonly uses!: readonly SuiteUseView[];
  @Shown(() => Int, { description: 'position of its sealing' })
  readonly position!: number;
}

export class SuitePage extends pageOf(SuiteView) {}

export class SuiteListQuery extends BulkQuery {
  @ApiPropertyOptional({ enum: ROLES })
  @IsOptional()
  @IsIn(ROLES)
  readonly role?: Role;
}

type Found = Readonly<{
  position: number;
  data: SealedSuite;
  used: number;
  uses: readonly SuiteUseView[] | null;
}>;

const show = ({ position, data, used, uses }: Found): SuiteView => ({
  suite: data.suite,
  role: data.role,
  metrics: data.metrics,
  items: data.items,
  clusters: data.clusters,
  sequence: data.sequence,
  corpora: data.corpora,
  families: data.families,
  overlapLeftOut: data.overlapLeftOut,
  seedCommitment: data.seedCommitment,
  budgetQueries: data.reuseBudgetQueries,
  usedQueries: used,
  leftQueries: data.reuseBudgetQueries - used,
  uses: (uses ?? []).map(({ run, queries, lastCycle, position: last }) => ({
    run,
    queries,
    lastCycle,
    position: last,
  })),
  position,
});

/** Suites and how often they were used, as of a position. */
@Injectable()
export class SuiteQuestions {
  private readonly kept: KeptRows<Found>;

  constructor(
    private readonly sql: Sql,
    private readonly views: Views,
  ) {
    this.kept = new KeptRows(sql, changeOf('suite_seals', 'suite_uses'));
  }

  list(query: SuiteListQuery): Promise<Page<SuiteView>> {
    const { role } = query;
    return pageFrom(this.views, query, {
      kind: `suites ${role ?? ''}`,
      key: placeSchema,
      rows: (asOf, limit, after = 0) =>
        this.kept.of({ asOf, by: [limit, after, role ?? null] }, () =>
          this.find(asOf, { limit, after, ...(role && { role }) }),
        ),
      keyOf: ({ position }) => position,
      show,
    });
  }

  /** @throws NotFound */
  async one(suite: string, asked?: number): Promise<SuiteView> {
    const asOf = await settleAsOf(this.views, asked);
    const [found] = await this.find(asOf, { limit: 1, after: 0, suite });
    if (found) return show(found);
    throw new NotFound(`suite ${suite}: none of that name is sealed as of position ${asOf}; GET /v1/suites lists them`);
  }

  private async find(
    asOf: number,
    { limit, after, role, suite }: Readonly<{ limit: number; after: number; role?: Role; suite?: string }>,
  ): Promise<readonly Found[]> {
    const { rows } = await sql<Found>`
      select s.position, s.data,
        (select count(*) from suite_uses u where u.suite = s.suite and u.position <= ${asOf}) as used,
        (select json_agg(m order by m.first) from (
          select u.run, count(*) as queries, max(u.cycle) as "lastCycle", max(u.position) as position,
            min(u.position) as first
          from suite_uses u where u.suite = s.suite and u.position <= ${asOf} group by u.run) m) as uses
      from suite_seals s
      where s.position <= ${asOf} and s.position > ${after}
        and ${role === undefined ? sql`true` : sql`s.role = ${role}`}
        and ${suite === undefined ? sql`true` : sql`s.suite = ${suite}`}
      order by s.position limit ${limit}`.execute(this.sql.db);
    return rows;
  }
}
