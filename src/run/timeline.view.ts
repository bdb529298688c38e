import { Injectable } from '@nestjs/common';
import { ID, Int, ObjectType } from '@nestjs/graphql';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { sql } from 'kysely';
import { pageFrom, pageOfRows, placeSchema, type Listing } from '#doors/as-of.js';
import { BulkQuery } from '#doors/bulk.js';
import { namesIn } from '#doors/names-in.js';
import { asWhole, pageOf, type Page } from '#doors/page.js';
import { Sql, Views } from '#doors/read-model.js';
import { Shown } from '#doors/shown.js';
import { runEvents } from './domain/events.js';
import type { EventRow } from './run-tables.js';
import { ORDERS, requireRun, type Order } from './run.view.js';

export const TYPES = runEvents.map(({ type }) => type);
export const LAST_CYCLE = 99_999;

/** One event of a run. */
@ObjectType('RunEvent')
export class TimelineView {
  @Shown(() => Int, { description: 'place in the log' })
  readonly position!: number;
  @Shown(() => Int, { description: 'place in the stream of the run, from 0' })
  readonly revision!: number;
  @Shown(() => ID)
  readonly id!: string;
  @Shown(() => String, { description: 'RFC 3339' })
  readonly recordedAt!: string;
  @Shown(() => String, { example: 'VerdictReached' })
  readonly type!: string;
  @Shown(() => Int, { description: 'version of the shape of its data' })
  readonly version!: number;
  @Shown(() => Int, { nullable: true })
  readonly cycle!: number | null;
  @Shown(() => String, { description: 'human, service, trainer, evaluator or policy' })
  readonly actorKind!: string;
  @Shown(() => String)
  readonly actorId!: string;
  @Shown(() => ID, { description: 'the command that caused it; its own id when none was named' })
  readonly causationId!: string;
  @Shown(() => ID)
  readonly correlationId!: string;
  @Shown(() => String, { description: 'what it means, in a sentence' })
  readonly sentence!: string;
}

export class TimelinePage extends pageOf(TimelineView) {}

export class TimelineQuery extends BulkQuery {
  @ApiPropertyOptional({ enum: TYPES })
  @IsOptional()
  @IsIn(TYPES)
  readonly type?: string;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: LAST_CYCLE,
    description: 'only this cycle; 0 is the base',
  })
  @IsOptional()
  @Transform(asWhole)
  @IsInt()
  @Min(0)
  @Max(LAST_CYCLE)
  readonly cycle?: number;

  @ApiPropertyOptional({ enum: ORDERS, default: 'asc' })
  @IsOptional()
  @IsIn(ORDERS)
  readonly order?: Order;
}

type Filter = Pick<TimelineQuery, 'type' | 'cycle' | 'order'>;

const show = (row: EventRow): TimelineView => ({
  position: row.position,
  revision: row.revision,
  id: row.id,
  recordedAt: row.recorded_at,
  type: row.type,
  version: row.version,
  cycle: row.cycle,
  actorKind: row.actor_kind,
  actorId: row.actor_id,
  causationId: row.causation_id,
  correlationId: row.correlation_id,
  sentence: row.sentence,
});

/** Every event of a run, in log order or backwards. */
@Injectable()
export class TimelineQuestions {
  constructor(
    private readonly sql: Sql,
    private readonly views: Views,
  ) {}

  events(run: string, query: TimelineQuery): Promise<Page<TimelineView>> {
    return pageFrom(this.views, query, this.listing(run, query));
  }

  /** The first page of each of these runs, read at once. */
  async firstPages(
    runs: readonly string[],
    asOf: number,
    query: Filter & Readonly<{ limit: number }>,
  ): Promise<readonly Page<TimelineView>[]> {
    const found = await this.find(runs, asOf, { ...query, limit: query.limit + 1, after: undefined });
    return runs.map((run) => {
      const rows = found.filter((row) => row.run === run);
      return pageOfRows(this.listing(run, query), { asOf, limit: query.limit }, rows);
    });
  }

  private listing(run: string, filter: Filter): Listing<EventRow, number, TimelineView> {
    const { type, cycle, order = 'asc' } = filter;
    return {
      kind: `events ${run} ${type ?? ''} ${cycle ?? ''} ${order}`,
      key: placeSchema,
      rows: async (asOf, limit, after) => {
        const found = await this.find([run], asOf, { ...filter, limit, after });
        if (found.length === 0) await requireRun(this.sql, run, asOf);
        return found;
      },
      keyOf: ({ position }) => position,
      show,
    };
  }

  private async find(
    runs: readonly string[],
    asOf: number,
    { type, cycle, order = 'asc', limit, after }: Filter & Readonly<{ limit: number; after: number | undefined }>,
  ): Promise<readonly EventRow[]> {
    const direction = sql.raw(order);
    const behind =
      after === undefined ? sql`true` : order === 'asc' ? sql`e.position > ${after}` : sql`e.position < ${after}`;
    const { rows } = await sql<EventRow>`
      select found.* from ${namesIn(runs)} as asked (run)
      cross join lateral (select * from run_events e
        where e.run = asked.run and e.position <= ${asOf} and ${behind}
          and ${type === undefined ? sql`true` : sql`e.type = ${type}`}
          and ${cycle === undefined ? sql`true` : sql`e.cycle = ${cycle}`}
        order by e.position ${direction} limit ${limit}) found
      order by found.position ${direction}`.execute(this.sql.db);
    return rows;
  }
}
