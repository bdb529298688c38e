import { Injectable } from '@nestjs/common';
import { Float, Int, ObjectType } from '@nestjs/graphql';
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
import { changeOfRun } from './kept-of-run.js';
import {
  runTables,
  type ChampionRow,
  type Outcome,
  type RunStatus,
  type StartRow,
  type StatusRow,
} from './run-tables.js';

const STATUSES = ['running', 'halted', 'completed'] as const;
export const ORDERS = ['asc', 'desc'] as const;
export type Order = (typeof ORDERS)[number];

@ObjectType('RegimeSpan')
export class RegimeSpanView {
  @Shown(() => Int, { description: 'the first cycle it is in force' })
  readonly fromCycle!: number;
  @Shown(() => String, { example: 'conservative' })
  readonly label!: string;
}

@ObjectType('Champion')
export class ChampionView {
  @Shown(() => String, { description: 'SHA-256 of the weights' })
  readonly checkpoint!: string;
  @Shown(() => String, { description: 'anchor, promotion or rollback' })
  readonly via!: string;
  @Shown(() => Int, { nullable: true, description: 'the cycle that promoted it; null for another reason' })
  readonly cycle!: number | null;
  @Shown(() => Int, { description: 'position of the event that made it the champion' })
  readonly position!: number;
  @Shown(() => String, { description: 'when that event was recorded, RFC 3339' })
  readonly since!: string;
}

/** A run and its state. */
@ObjectType('Run')
export class RunView {
  @Shown(() => String, { example: 'nightly' })
  readonly run!: string;
  @Shown(() => String, { description: 'running, halted or completed' })
  readonly status!: string;
  @Shown(() => String, { nullable: true, description: 'why it was halted or resumed, in words' })
  readonly statusReason!: string | null;
  @Shown(() => String, { nullable: true, description: 'who halted or resumed it' })
  readonly statusBy!: string | null;
  @Shown(() => String, { description: 'when it came to this status, RFC 3339' })
  readonly statusSince!: string;
  @Shown(() => Int, { description: 'position of its RunStarted' })
  readonly position!: number;
  @Shown(() => String)
  readonly startedAt!: string;
  @Shown(() => String, { description: 'when its last event was recorded' })
  readonly updatedAt!: string;
  @Shown(() => Float)
  readonly seed!: number;
  @Shown(() => String, { description: 'what decides on the allocation of an update' })
  readonly policy!: string;
  @Shown(() => RegimeSpanView, { isArray: true })
  readonly regimes!: readonly RegimeSpanView[];
  @Shown(() => String, { isArray: true, description: 'families that make up capability' })
  readonly targets!: readonly string[];
  @Shown(() => String, { description: 'id of the constitution' })
  readonly constitution!: string;
  @Shown(() => Int)
  readonly constitutionVersion!: number;
  @Shown(() => String, { description: 'the run whose anchor its lineage goes back to' })
  readonly lineageRoot!: string;
  @Shown(() => String, { nullable: true, description: 'the run whose champion it began from' })
  readonly parent!: string | null;
  @Shown(() => Int)
  readonly cyclesPlanned!: number;
  @Shown(() => Int, { description: 'cycles that were judged, refused, aborted or frozen' })
  readonly cyclesClosed!: number;
  @Shown(() => Int, { nullable: true, description: 'the cycle under way; 0 while the base is trained' })
  readonly openCycle!: number | null;
  @Shown(() => Int)
  readonly accepted!: number;
  @Shown(() => Int)
  readonly rejected!: number;
  @Shown(() => Int)
  readonly inconclusive!: number;
  @Shown(() => String, { nullable: true, description: 'SHA-256 of the first champion' })
  readonly anchor!: string | null;
  @Shown(() => ChampionView, { nullable: true, description: 'null while the base is trained' })
  readonly champion!: ChampionView | null;
  @Shown(() => Float, {
    nullable: true,
    description: 'what is left of alpha on the lineage; null before the first verdict',
  })
  readonly alphaLeft!: number | null;
}

export class RunPage extends pageOf(RunView) {}

export class RunListQuery extends BulkQuery {
  @ApiPropertyOptional({ enum: STATUSES })
  @IsOptional()
  @IsIn(STATUSES)
  readonly status?: RunStatus;

  @ApiPropertyOptional({ enum: ORDERS, default: 'desc', description: 'by the time they were started' })
  @IsOptional()
  @IsIn(ORDERS)
  readonly order?: Order;
}

type Counted = Readonly<{ verdict: Outcome; count: number }>;
type Found = Readonly<{
  start: StartRow;
  status: StatusRow;
  champion: ChampionRow | null;
  anchor: string | null;
  verdicts: readonly Counted[] | null;
  alphaLeft: number | null;
  closed: number;
  lastCycle: number | null;
  updated: string;
}>;

const show = ({ start, status, champion, anchor, verdicts, alphaLeft, closed, lastCycle, updated }: Found): RunView => {
  const { config } = start;
  const counted = (wanted: Outcome): number => verdicts?.find(({ verdict }) => verdict === wanted)?.count ?? 0;
  const isOpen = status.status !== 'completed' && (anchor === null || closed < (lastCycle ?? 0));
  return {
    run: start.run,
    status: status.status,
    statusReason: status.reason,
    statusBy: status.requester,
    statusSince: status.recorded_at,
    position: start.position,
    startedAt: start.recorded_at,
    updatedAt: updated,
    seed: config.seed,
    policy: config.policy,
    regimes: config.regimes.map(({ fromCycle, regime }) => ({ fromCycle, label: regime.label })),
    targets: config.targets,
    constitution: config.constitution.id,
    constitutionVersion: config.constitution.version,
    lineageRoot: start.root,
    parent: config.parent?.run ?? null,
    cyclesPlanned: config.cycles,
    cyclesClosed: closed,
    openCycle: isOpen ? (anchor === null ? 0 : lastCycle) : null,
    accepted: counted('ACCEPT'),
    rejected: counted('REJECT'),
    inconclusive: counted('INCONCLUSIVE'),
    anchor,
    champion: champion && {
      checkpoint: champion.checkpoint,
      via: champion.via,
      cycle: champion.cycle,
      position: champion.position,
      since: champion.recorded_at,
    },
    alphaLeft,
  };
};

/** Runs as they were at a position. */
@Injectable()
export class RunQuestions {
  private readonly kept: KeptRows<Found>;
  private readonly keptLists: KeptRows<Found>;

  constructor(
    private readonly sql: Sql,
    private readonly views: Views,
  ) {
    this.kept = new KeptRows(sql, changeOfRun);
    this.keptLists = new KeptRows(sql, changeOf('run_events'));
  }

  list(query: RunListQuery): Promise<Page<RunView>> {
    const { status, order = 'desc' } = query;
    return pageFrom(this.views, query, {
      kind: `runs ${status ?? ''} ${order}`,
      key: placeSchema,
      rows: (asOf, limit, after) =>
        this.keptLists.of({ asOf, by: [limit, order, after ?? null, status ?? null] }, () =>
          this.find(asOf, { limit, order, ...(after !== undefined && { after }), ...(status && { status }) }),
        ),
      keyOf: ({ start }) => start.position,
      show,
    });
  }

  /** @throws NotFound when there was no such run at that position */
  async one(run: string, asked?: number): Promise<RunView> {
    const asOf = await settleAsOf(this.views, asked);
    const [found] = await this.kept.of({ asOf, subject: run }, () => this.find(asOf, { limit: 1, order: 'asc', run }));
    if (!found) throw noRun(run, asOf);
    return show(found);
  }

  private async find(
    asOf: number,
    {
      limit,
      order,
      after,
      status,
      run,
    }: Readonly<{ limit: number; order: Order; after?: number; status?: RunStatus; run?: string }>,
  ): Promise<readonly Found[]> {
    const direction = sql.raw(order);
    const behind =
      after === undefined ? sql`true` : order === 'asc' ? sql`s.position > ${after}` : sql`s.position < ${after}`;
    const { rows } = await sql<Found>`
      select row_to_json(s) as start, row_to_json(now) as status,
        (select row_to_json(c) from run_champions c where c.run = s.run and c.position <= ${asOf}
          order by c.position desc limit 1) as champion,
        (select c.checkpoint from run_champions c where c.run = s.run and c.via = 'anchor' and c.position <= ${asOf}
          order by c.position limit 1) as anchor,
        (select json_agg(v) from (select verdict, count(*) as count from run_verdicts v
          where v.run = s.run and v.position <= ${asOf} group by verdict) v) as verdicts,
        (select v.alpha_left from run_verdicts v where v.run = s.run and v.position <= ${asOf}
          order by v.position desc limit 1) as "alphaLeft",
        (select count(*) from run_verdicts v where v.run = s.run and v.position <= ${asOf})
          + (select count(*) from run_refusals r where r.run = s.run and r.position <= ${asOf})
          + (select count(*) from run_updates u where u.run = s.run and u.ends and u.cycle > 0 and u.position <= ${asOf})
          + (select count(*) from run_proposals p where p.run = s.run and p.policy = 'frozen' and p.position <= ${asOf})
          as closed,
        (select max(p.cycle) from run_proposals p where p.run = s.run and p.position <= ${asOf}) as "lastCycle",
        (select e.recorded_at from run_events e where e.run = s.run and e.position <= ${asOf}
          order by e.position desc limit 1) as updated
      from run_starts s
      cross join lateral (select * from run_statuses t where t.run = s.run and t.position <= ${asOf}
        order by t.position desc limit 1) now
      where s.position <= ${asOf} and ${behind}
        and ${run === undefined ? sql`true` : sql`s.run = ${run}`}
        and ${status === undefined ? sql`true` : sql`now.status = ${status}`}
      order by s.position ${direction} limit ${limit}`.execute(this.sql.db);
    return rows;
  }
}

/** @throws NotFound when there was no such run at that position */
export const requireRun = async (sqlOf: Sql, run: string, asOf: number): Promise<void> => {
  const found = await runTables(sqlOf)
    .selectFrom('run_starts')
    .select('position')
    .where('run', '=', run)
    .where('position', '<=', asOf)
    .executeTakeFirst();
  if (!found) throw noRun(run, asOf);
};

export const noRun = (run: string, asOf: number): NotFound =>
  new NotFound(`run ${run}: there is none in the log as of position ${asOf}; GET /v1/runs shows those there are`);
