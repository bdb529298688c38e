import { Injectable } from '@nestjs/common';
import { Int, ObjectType } from '@nestjs/graphql';
import { sql } from 'kysely';
import { settleAsOf } from '#doors/as-of.js';
import { NotFound } from '#doors/problem.js';
import { Sql, Views } from '#doors/read-model.js';
import { Shown } from '#doors/shown.js';
import type { Made } from './lineage-rows.js';

/** One checkpoint on the way back: where it comes from, and how it was judged. */
@ObjectType('Ancestor')
export class AncestorView {
  @Shown(() => String, { description: 'SHA-256 of the weights' })
  readonly checkpoint!: string;
  @Shown(() => String, { description: 'the run that made it first' })
  readonly run!: string;
  @Shown(() => Int)
  readonly cycle!: number;
  @Shown(() => String, {
    description:
      'update: from its parent; rescue: half way from its rejected parent to the champion; base: from the seed; given: brought along',
  })
  readonly made!: string;
  @Shown(() => String, { nullable: true, description: 'what it was trained from; null at the root' })
  readonly parent!: string | null;
  @Shown(() => Boolean, {
    nullable: true,
    description: 'whether its plan gives these very bytes again; null where given',
  })
  readonly replayable!: boolean | null;
  @Shown(() => String, {
    nullable: true,
    description: 'ACCEPT, REJECT or INCONCLUSIVE; null before a verdict and of a base',
  })
  readonly verdict!: string | null;
  @Shown(() => String, { nullable: true })
  readonly summary!: string | null;
  @Shown(() => Int, { nullable: true, description: 'position of its VerdictReached' })
  readonly verdictPosition!: number | null;
  @Shown(() => Int, { description: 'position of the event that says where it comes from' })
  readonly position!: number;
}

/** The chain of parents of a checkpoint, back to the anchor that its lineage began from. */
@ObjectType('CheckpointLineage')
export class CheckpointLineageView {
  @Shown(() => String)
  readonly checkpoint!: string;
  @Shown(() => String, { description: 'the checkpoint that the chain ends at' })
  readonly root!: string;
  @Shown(() => Int, { description: 'updates between the two' })
  readonly updates!: number;
  @Shown(() => AncestorView, { isArray: true, description: 'the checkpoint itself first, the root last' })
  readonly ancestors!: readonly AncestorView[];
  @Shown(() => Int, { description: 'the position of the log that the answer is as of' })
  readonly asOf!: number;
}

type Found = Omit<AncestorView, 'made'> & Readonly<{ made: Made }>;

/** Where checkpoints come from. */
@Injectable()
export class CheckpointQuestions {
  constructor(
    private readonly sql: Sql,
    private readonly views: Views,
  ) {}

  /** @throws NotFound when no event before says where the checkpoint comes from */
  async lineage(checkpoint: string, asked?: number): Promise<CheckpointLineageView> {
    const asOf = await settleAsOf(this.views, asked);
    const ancestors = await this.ancestors(checkpoint, asOf);
    const root = ancestors.at(-1);
    if (root)
      return {
        checkpoint,
        root: root.checkpoint,
        updates: ancestors.filter(({ made }) => made === 'update').length,
        ancestors,
        asOf,
      };
    throw new NotFound(
      `checkpoint ${checkpoint}: no run made or was given these weights as of position ${asOf}; GET /v1/runs/<run>/cycles names candidates`,
    );
  }

  /** A parent is there before its child: positions fall along the chain, so it ends. */
  private async ancestors(checkpoint: string, asOf: number): Promise<readonly Found[]> {
    const { rows } = await sql<Found>`
      with recursive chain as (
        (select 0 as depth, o.* from checkpoint_origins o where o.checkpoint = ${checkpoint} and o.position <= ${asOf}
          order by (o.made = 'given'), o.position limit 1)
        union all
        select c.depth + 1, o.* from chain c cross join lateral (
          select * from checkpoint_origins p where p.checkpoint = c.parent and p.position < c.position
          order by (p.made = 'given'), p.position limit 1) o)
      select c.checkpoint, c.run, c.cycle, c.made, c.parent, c.replayable, c.position, v.verdict,
        v.data->>'summary' as summary, v.position as "verdictPosition"
      from chain c left join run_verdicts v
        on v.run = c.run and v.cycle = c.cycle and v.candidate = c.checkpoint and v.position <= ${asOf}
      order by c.depth`.execute(this.sql.db);
    return rows;
  }
}
