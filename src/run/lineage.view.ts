import { Injectable } from '@nestjs/common';
import { Float, Int, ObjectType } from '@nestjs/graphql';
import { sql } from 'kysely';
import { pageFrom, placeSchema, settleAsOf } from '#doors/as-of.js';
import type { BulkQuery } from '#doors/bulk.js';
import { changeOf, KeptRows } from '#doors/kept-rows.js';
import { namesIn } from '#doors/names-in.js';
import { pageOf, type Page } from '#doors/page.js';
import { NotFound } from '#doors/problem.js';
import { Sql, Views } from '#doors/read-model.js';
import { Shown } from '#doors/shown.js';

@ObjectType('LineageRun')
export class LineageRunView {
  @Shown(() => String)
  readonly run!: string;
  @Shown(() => Int, { description: 'position of its RunStarted' })
  readonly position!: number;
  @Shown(() => String, { nullable: true, description: 'the run whose champion it began from' })
  readonly parent!: string | null;
  @Shown(() => Int, { description: 'candidates judged in this run' })
  readonly judged!: number;
  @Shown(() => Int)
  readonly accepted!: number;
  @Shown(() => Float, { description: 'alpha that its verdicts cost' })
  readonly alphaSpent!: number;
}

/** Where people signed that whoever begins from a run starts a lineage anew. */
@ObjectType('AnchorReset')
export class AnchorResetView {
  @Shown(() => String, { description: 'the completed run that it was signed for' })
  readonly run!: string;
  @Shown(() => Int, { description: 'position of its AnchorReset' })
  readonly position!: number;
  @Shown(() => String, { description: 'RFC 3339' })
  readonly at!: string;
  @Shown(() => String, { description: 'SHA-256 of the weights that the new lineage goes back to' })
  readonly anchor!: string;
  @Shown(() => String)
  readonly reason!: string;
  @Shown(() => String, { isArray: true, description: 'whose signatures it has' })
  readonly signers!: readonly string[];
}

/** The balance of alpha of one lineage: a run and every run that begins from its champions. */
@ObjectType('Lineage')
export class LineageView {
  @Shown(() => String, { description: 'the run whose anchor it goes back to' })
  readonly root!: string;
  @Shown(() => String)
  readonly constitution!: string;
  @Shown(() => Int)
  readonly constitutionVersion!: number;
  @Shown(() => Float, { description: 'chance of ever promoting a candidate on a false claim' })
  readonly alpha!: number;
  @Shown(() => Int, { description: 'candidates that may be judged; each has an equal share of alpha' })
  readonly candidatesPlanned!: number;
  @Shown(() => Int)
  readonly candidatesJudged!: number;
  @Shown(() => Int, { description: 'with none left nothing is accepted any more' })
  readonly candidatesLeft!: number;
  @Shown(() => Float)
  readonly alphaSpent!: number;
  @Shown(() => Float)
  readonly alphaLeft!: number;
  @Shown(() => Int, { description: 'position of the last event that changed it' })
  readonly position!: number;
  @Shown(() => LineageRunView, { isArray: true, description: 'in the order they were started' })
  readonly runs!: readonly LineageRunView[];
  @Shown(() => AnchorResetView, {
    isArray: true,
    description: 'signed for runs of this lineage, which others left there',
  })
  readonly resets!: readonly AnchorResetView[];
  @Shown(() => AnchorResetView, { nullable: true, description: 'what opened this lineage; null where none did' })
  readonly openedBy!: AnchorResetView | null;
}

export class LineagePage extends pageOf(LineageView) {}

type Found = Readonly<{
  started: number;
  root: string;
  constitution: string;
  version: number;
  plan: Readonly<{ alpha: number; k_max: number }> | null;
  left: number | null;
  last: number | null;
  runs: readonly LineageRunView[];
  resets: readonly AnchorResetView[] | null;
  opened: AnchorResetView | null;
}>;

const show = (found: Found): LineageView => {
  const { started, root, constitution, version, plan, left, last, runs, opened } = found;
  const resets = found.resets ?? [];
  const judged = runs.reduce((sum, run) => sum + run.judged, 0);
  const [alpha, planned] = [plan?.alpha ?? 0, plan?.k_max ?? 0];
  return {
    root,
    constitution,
    constitutionVersion: version,
    alpha,
    candidatesPlanned: planned,
    candidatesJudged: judged,
    candidatesLeft: Math.max(0, planned - judged),
    alphaSpent: runs.reduce((sum, run) => sum + run.alphaSpent, 0),
    alphaLeft: left ?? alpha,
    position: Math.max(started, last ?? 0, ...[...runs, ...resets].map(({ position }) => position)),
    runs,
    resets,
    openedBy: opened,
  };
};

const RESET = sql.raw('a.run, a.position, a.recorded_at as at, a.anchor, a.reason, a.signers');

/** How much alpha is left, lineage by lineage. */
@Injectable()
export class LineageQuestions {
  private readonly kept: KeptRows<Found>;

  constructor(
    private readonly sql: Sql,
    private readonly views: Views,
  ) {
    this.kept = new KeptRows(sql, changeOf('run_starts', 'run_verdicts', 'constitution_plans', 'anchor_resets'));
  }

  list(query: BulkQuery): Promise<Page<LineageView>> {
    return pageFrom(this.views, query, {
      kind: 'lineages',
      key: placeSchema,
      rows: (asOf, limit, after = 0) => this.kept.of({ asOf, by: [limit, after] }, () => this.find(asOf, limit, after)),
      keyOf: ({ started }) => started,
      show,
    });
  }

  /** @throws NotFound when no lineage began with that run */
  async one(root: string, asked?: number): Promise<LineageView> {
    const asOf = await settleAsOf(this.views, asked);
    const [found] = await this.kept.of({ asOf, by: [root] }, () => this.find(asOf, 1, 0, [root]));
    if (found) return show(found);
    throw new NotFound(
      `lineage ${root}: no lineage begins with a run of that name as of position ${asOf}; GET /v1/lineages lists them`,
    );
  }

  /** The lineages that begin with these runs, read at once. */
  async ofRoots(roots: readonly string[], asOf: number): Promise<ReadonlyMap<string, LineageView>> {
    const found = await this.find(asOf, roots.length, 0, roots);
    return new Map(found.map((one) => [one.root, show(one)]));
  }

  private async find(asOf: number, limit: number, after: number, roots?: readonly string[]): Promise<readonly Found[]> {
    const { rows } = await sql<Found>`
      select s.position as started, s.root, s.config->'constitution'->>'id' as constitution,
        (s.config->'constitution'->>'version')::bigint as version,
        (select row_to_json(p) from constitution_plans p
          where p.constitution = s.config->'constitution'->>'id'
            and p.version = (s.config->'constitution'->>'version')::bigint and p.position <= ${asOf}) as plan,
        last.alpha_left as left, last.position as last,
        (select json_agg(m order by m.position) from (
          select r.run, r.position, r.config->'parent'->>'run' as parent, count(v.position) as judged,
            count(v.position) filter (where v.verdict = 'ACCEPT') as accepted,
            coalesce(sum(v.alpha_spent), 0) as "alphaSpent"
          from run_starts r left join run_verdicts v on v.run = r.run and v.position <= ${asOf}
          where r.root = s.root and r.position <= ${asOf}
          group by r.run, r.position, r.config->'parent'->>'run') m) as runs,
        (select json_agg(m order by m.position) from (
          select ${RESET} from anchor_resets a where a.root = s.root and a.position <= ${asOf}) m) as resets,
        (select row_to_json(m) from (
          select ${RESET} from anchor_resets a
          where a.run = s.config->'parent'->>'run' and a.position < s.position) m) as opened
      from run_starts s
      left join lateral (select v.alpha_left, v.position from run_starts r
        join lateral (select alpha_left, position from run_verdicts
          where run = r.run and position <= ${asOf} order by position desc limit 1) v on true
        where r.root = s.root order by v.position desc limit 1) last on true
      where s.run = s.root and s.position <= ${asOf} and s.position > ${after}
        and ${roots === undefined ? sql`true` : sql`s.root in (select * from ${namesIn(roots)})`}
      order by s.position limit ${limit}`.execute(this.sql.db);
    return rows;
  }
}
