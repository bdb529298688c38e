import { Injectable } from '@nestjs/common';
import { ID, Int, ObjectType } from '@nestjs/graphql';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { pageFrom, placeSchema } from '#doors/as-of.js';
import { BulkQuery } from '#doors/bulk.js';
import { asWhole, pageOf, type Page } from '#doors/page.js';
import { Sql, Views } from '#doors/read-model.js';
import { Shown } from '#doors/shown.js';
import { runEvents } from './domain/events.js';
import { runTables, type EventRow } from './run-tables.js';
import { ORDERS, requireRun, type Order } from './run.view.js';

const TYPES = runEvents.map(({ type }) => type);
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
    const { type, cycle, order = 'asc' } = query;
    return pageFrom(this.views, query, {
      kind: `events ${run} ${type ?? ''} ${cycle ?? ''} ${order}`,
      key: placeSchema,
      rows: async (asOf, limit, after) => {
        const found = await runTables(this.sql)
          .selectFrom('run_events')
          .selectAll()
          .where('run', '=', run)
          .where('position', '<=', asOf)
          .$if(after !== undefined, (all) => all.where('position', order === 'asc' ? '>' : '<', after ?? 0))
          .$if(type !== undefined, (all) => all.where('type', '=', type ?? ''))
          .$if(cycle !== undefined, (all) => all.where('cycle', '=', cycle ?? 0))
          .orderBy('position', order)
          .limit(limit)
          .execute();
        if (found.length === 0) await requireRun(this.sql, run, asOf);
        return found;
      },
      keyOf: ({ position }) => position,
      show,
    });
  }
}
