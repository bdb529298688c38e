import { Injectable } from '@nestjs/common';
import { Float, Int, ObjectType } from '@nestjs/graphql';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches } from 'class-validator';
import { sql } from 'kysely';
import { pageFrom, pageOfRows, placeSchema, type Listing } from '#doors/as-of.js';
import { BulkQuery } from '#doors/bulk.js';
import { InvalidRequest } from '#doors/dispatch.js';
import { namesIn } from '#doors/names-in.js';
import { pageOf, type Page } from '#doors/page.js';
import { Sql, Views } from '#doors/read-model.js';
import { Shown } from '#doors/shown.js';
import { requireRun } from './run.view.js';
import type { DriftRow } from './run-tables.js';

export const REFERENCES = ['anchor', 'champion', 'previous-update'] as const;
export const METRIC = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** One figure of how far a candidate moved. */
@ObjectType('DriftPoint')
export class DriftView {
  @Shown(() => Int)
  readonly cycle!: number;
  @Shown(() => String, { example: 'kl-to-champion' })
  readonly metric!: string;
  @Shown(() => Float, { nullable: true, description: 'null when it is not finite, which is an alarm' })
  readonly value!: number | null;
  @Shown(() => String, { example: 'nats/byte' })
  readonly unit!: string;
  @Shown(() => String, { description: 'anchor, champion or previous-update' })
  readonly reference!: string;
  @Shown(() => Float, { nullable: true, description: 'above it is an alarm; null: reported only' })
  readonly threshold!: number | null;
  @Shown(() => Boolean)
  readonly alarm!: boolean;
  @Shown(() => String, { description: 'SHA-256 of the candidate' })
  readonly checkpoint!: string;
  @Shown(() => Int)
  readonly position!: number;
  @Shown(() => String)
  readonly recordedAt!: string;
}

export class DriftPage extends pageOf(DriftView) {}

export class DriftQuery extends BulkQuery {
  @ApiPropertyOptional({ description: 'only this metric', example: 'kl-to-champion', pattern: METRIC.source })
  @IsOptional()
  @Matches(METRIC)
  readonly metric?: string;

  @ApiPropertyOptional({ enum: REFERENCES })
  @IsOptional()
  @IsIn(REFERENCES)
  readonly reference?: (typeof REFERENCES)[number];
}

type Filter = Pick<DriftQuery, 'metric' | 'reference'>;

export const driftOf = ({ recorded_at: recordedAt, run: _run, ...row }: DriftRow): DriftView => ({
  cycle: row.cycle,
  metric: row.metric,
  value: row.value,
  unit: row.unit,
  reference: row.reference,
  threshold: row.threshold,
  alarm: row.alarm,
  checkpoint: row.checkpoint,
  position: row.position,
  recordedAt,
});

/** The drift of a run's candidates, in the order it was measured. */
@Injectable()
export class DriftQuestions {
  constructor(
    private readonly sql: Sql,
    private readonly views: Views,
  ) {}

  series(run: string, query: DriftQuery): Promise<Page<DriftView>> {
    return pageFrom(this.views, query, this.listing(run, query));
  }

  /** The first page of each of these runs, read at once. */
  async firstPages(
    runs: readonly string[],
    asOf: number,
    query: Filter & Readonly<{ limit: number }>,
  ): Promise<readonly Page<DriftView>[]> {
    const found = await this.find(runs, asOf, { ...query, limit: query.limit + 1, after: 0 });
    return runs.map((run) => {
      const rows = found.filter((row) => row.run === run);
      return pageOfRows(this.listing(run, query), { asOf, limit: query.limit }, rows);
    });
  }

  private listing(run: string, filter: Filter): Listing<DriftRow, number, DriftView> {
    const { metric, reference } = filter;
    return {
      kind: `drift ${run} ${metric ?? ''} ${reference ?? ''}`,
      key: placeSchema,
      rows: async (asOf, limit, after = 0) => {
        const found = await this.find([run], asOf, { ...filter, limit, after });
        if (found.length === 0) await requireRun(this.sql, run, asOf);
        if (found.length === 0 && metric !== undefined) await this.requireMetric(run, asOf, metric);
        return found;
      },
      keyOf: ({ position }) => position,
      show: driftOf,
    };
  }

  /** A slip of the pen is no answer. @throws InvalidRequest where the run has drift, and none of this name */
  private async requireMetric(run: string, asOf: number, metric: string): Promise<void> {
    const { rows } = await sql<Pick<DriftRow, 'metric'>>`
      select distinct metric from run_drift where run = ${run} and position <= ${asOf} order by metric`.execute(
      this.sql.db,
    );
    const names = rows.map((row) => row.metric);
    if (names.length === 0 || names.includes(metric)) return;
    const allowed = `one of ${names.join(', ')}`;
    throw new InvalidRequest(
      `metric: "${metric}" is not allowed: run ${run} has ${names.join(', ')}`,
      { field: 'metric', value: metric, allowed },
      400,
    );
  }

  private async find(
    runs: readonly string[],
    asOf: number,
    { metric, reference, limit, after }: Filter & Readonly<{ limit: number; after: number }>,
  ): Promise<readonly DriftRow[]> {
    const { rows } = await sql<DriftRow>`
      select found.* from ${namesIn(runs)} as asked (run)
      cross join lateral (select * from run_drift d
        where d.run = asked.run and d.position <= ${asOf} and d.position > ${after}
          and ${metric === undefined ? sql`true` : sql`d.metric = ${metric}`}
          and ${reference === undefined ? sql`true` : sql`d.reference = ${reference}`}
        order by d.position limit ${limit}) found
      order by found.position`.execute(this.sql.db);
    return rows;
  }
}
