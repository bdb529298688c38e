import { Injectable } from '@nestjs/common';
import { Float, Int, ObjectType } from '@nestjs/graphql';
import { sql } from 'kysely';
import { z } from 'zod';
import { pageFrom, pageOfRows, placeSchema, type Listing } from '#doors/as-of.js';
import type { BulkQuery } from '#doors/bulk.js';
import { namesIn } from '#doors/names-in.js';
import { pageOf, type Page } from '#doors/page.js';
import { Sql, Views } from '#doors/read-model.js';
import { Shown } from '#doors/shown.js';
import { requireRun } from './run.view.js';
import type { AllocationRow } from './run-tables.js';

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
    return pageFrom(this.views, query, this.listing(run));
  }

  /** The first page of each of these runs, read at once. */
  async firstPages(runs: readonly string[], asOf: number, limit: number): Promise<readonly Page<AllocationView>[]> {
    const found = await this.find(runs, asOf, limit + 1);
    return runs.map((run) =>
      pageOfRows(
        this.listing(run),
        { asOf, limit },
        found.filter((row) => row.run === run),
      ),
    );
  }

  private listing(run: string): Listing<AllocationRow, [number, string], AllocationView> {
    return {
      kind: `allocation ${run}`,
      key: z.tuple([placeSchema, z.string().max(63)]),
      rows: async (asOf, limit, after) => {
        const found = await this.find([run], asOf, limit, after);
        if (found.length === 0) await requireRun(this.sql, run, asOf);
        return found;
      },
      keyOf: ({ position, domain }) => [position, domain],
      show: ({ cycle, domain, ppm, score, policy, position }) => ({ cycle, domain, ppm, score, policy, position }),
    };
  }

  private async find(
    runs: readonly string[],
    asOf: number,
    limit: number,
    [position, domain]: [number, string] = [-1, ''],
  ): Promise<readonly AllocationRow[]> {
    const { rows } = await sql<AllocationRow>`
      select found.* from ${namesIn(runs)} as asked (run)
      cross join lateral (select * from run_allocations a
        where a.run = asked.run and a.position <= ${asOf} and (a.position, a.domain) > (${position}, ${domain})
        order by a.position, a.domain limit ${limit}) found
      order by found.position, found.domain`.execute(this.sql.db);
    return rows;
  }
}
