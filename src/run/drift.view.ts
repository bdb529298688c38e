import { Injectable } from '@nestjs/common';
import { Float, Int, ObjectType } from '@nestjs/graphql';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, Matches } from 'class-validator';
import { pageFrom, placeSchema } from '#doors/as-of.js';
import { BulkQuery } from '#doors/bulk.js';
import { pageOf, type Page } from '#doors/page.js';
import { Sql, Views } from '#doors/read-model.js';
import { Shown } from '#doors/shown.js';
import { requireRun } from './run.view.js';
import { runTables, type DriftRow } from './run-tables.js';

const REFERENCES = ['anchor', 'champion', 'previous-update'] as const;
const METRIC = /^[a-z0-9][a-z0-9-]{0,62}$/;

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
    const { metric, reference } = query;
    return pageFrom(this.views, query, {
      kind: `drift ${run} ${metric ?? ''} ${reference ?? ''}`,
      key: placeSchema,
      rows: async (asOf, limit, after = 0) => {
        const found = await runTables(this.sql)
          .selectFrom('run_drift')
          .selectAll()
          .where('run', '=', run)
          .where('position', '<=', asOf)
          .where('position', '>', after)
          .$if(metric !== undefined, (all) => all.where('metric', '=', metric ?? ''))
          .$if(reference !== undefined, (all) => all.where('reference', '=', reference ?? ''))
          .orderBy('position')
          .limit(limit)
          .execute();
        if (found.length === 0) await requireRun(this.sql, run, asOf);
        return found;
      },
      keyOf: ({ position }) => position,
      show: driftOf,
    });
  }
}
