import { Injectable } from '@nestjs/common';
import { Float, Int, ObjectType } from '@nestjs/graphql';
import { sql } from 'kysely';
import { z } from 'zod';
import { pageFrom, placeSchema } from '#doors/as-of.js';
import type { BulkQuery } from '#doors/bulk.js';
import { pageOf, type Page } from '#doors/page.js';
import { Sql, Views } from '#doors/read-model.js';
import { Shown } from '#doors/shown.js';
import { requireRun } from './run.view.js';
import { runTables } from './run-tables.js';

/** The share of one domain in the update of one cycle. */
@ObjectType('AllocationPoint')
export class AllocationView {
  @Shown(() => Int)
  readonly cycle!: number;
  @Shown(() => String, { example: 'sort' })
  readonly domain!: string;
  @Shown(() => Int, { description: 'share of the task batch in millionths' })
  readonly ppm!: number;
  @Shown(() => Float, { nullable: true, description: "the policy's score that led to it" })
  readonly score!: number | null;
  @Shown(() => String)
  readonly policy!: string;
  @Shown(() => Int, { description: 'position of the CycleProposed' })
  readonly position!: number;
}

export class AllocationPage extends pageOf(AllocationView) {}

/** What a run learnt from, cycle by cycle, each domain by name. */
@Injectable()
export class AllocationQuestions {
  constructor(
    private readonly sql: Sql,
    private readonly views: Views,
  ) {}

  series(run: string, query: BulkQuery): Promise<Page<AllocationView>> {
    return pageFrom(this.views, query, {
      kind: `allocation ${run}`,
      key: z.tuple([placeSchema, z.string().max(63)]),
      rows: async (asOf, limit, after) => {
        const [position, domain] = after ?? [-1, ''];
        const found = await runTables(this.sql)
          .selectFrom('run_allocations')
          .select(['cycle', 'domain', 'ppm', 'score', 'policy', 'position'])
          .where('run', '=', run)
          .where('position', '<=', asOf)
          .where(sql<boolean>`(position, domain) > (${position}, ${domain})`)
          .orderBy('position')
          .orderBy('domain')
          .limit(limit)
          .execute();
        if (found.length === 0) await requireRun(this.sql, run, asOf);
        return found;
      },
      keyOf: ({ position, domain }): [number, string] => [position, domain],
      show: ({ cycle, domain, ppm, score, policy, position }) => ({ cycle, domain, ppm, score, policy, position }),
    });
  }
}
