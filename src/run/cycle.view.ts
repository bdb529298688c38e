import { Injectable } from '@nestjs/common';
import { Float, Int, ObjectType } from '@nestjs/graphql';
import { sql } from 'kysely';
import { headline } from '#constitution/domain/headline.js';
import { pageFrom, pageOfRows, placeSchema, settleAsOf, type Listing } from '#doors/as-of.js';
import { BulkQuery } from '#doors/bulk.js';
import { KeptRows } from '#doors/kept-rows.js';
import { namesIn } from '#doors/names-in.js';
import { pageOf, type Page } from '#doors/page.js';
import { NotFound } from '#doors/problem.js';
import { Sql, Views } from '#doors/read-model.js';
import { Shown } from '#doors/shown.js';
import { comparisonOf, ComparisonView, proposalOf, ProposalView, updateOf, UpdateView } from './cycle-figures.view.js';
import { isReference } from './domain/cycle.js';
import { CAPABILITY_METRIC, GENERAL_METRIC } from './domain/evidence.js';
import {
  calibrationOf,
  CalibrationView,
  controlsOf,
  ControlsView,
  voidOf,
  VoidView,
} from './evaluator-figures.view.js';
import { driftOf, DriftView } from './drift.view.js';
import { changeOfRun } from './kept-of-run.js';
import { requireRun } from './run.view.js';
import type {
  CalibrationRow,
  ControlsRow,
  DriftRow,
  ProbeRow,
  ProposalRow,
  RefusalRow,
  ShadowRow,
  UpdateRow,
  VerdictRow,
  VoidRow,
} from './run-tables.js';

@ObjectType('Violation')
export class ViolationView {
  @Shown(() => String)
  readonly field!: string;
  @Shown(() => String)
  readonly value!: string;
  @Shown(() => String)
  readonly allowed!: string;
}

@ObjectType('ShadowFigures')
export class ShadowView {
  @Shown(() => String, { isArray: true, description: 'the two evaluators' })
  readonly evaluators!: readonly string[];
  @Shown(() => Int)
  readonly items!: number;
  @Shown(() => Boolean)
  readonly agreed!: boolean;
  @Shown(() => String, { isArray: true, description: 'where they differ by more than the tolerance' })
  readonly reasons!: readonly string[];
}

/** One cycle of a run: what was proposed, trained, measured and decided. Cycle 0 is the training of the base. */
@ObjectType('Cycle')
export class CycleView {
  @Shown(() => String)
  readonly run!: string;
  @Shown(() => Int)
  readonly cycle!: number;
  @Shown(() => String, {
    description: 'ACCEPT, REJECT, INCONCLUSIVE, REFUSED, ABORTED, FROZEN, OPEN, or BASE for cycle 0',
  })
  readonly outcome!: string;
  @Shown(() => Int, { description: 'position of its first event' })
  readonly position!: number;
  @Shown(() => ProposalView, { nullable: true })
  readonly proposal!: ProposalView | null;
  @Shown(() => ViolationView, { isArray: true, description: 'why it was refused before any training' })
  readonly violations!: readonly ViolationView[];
  @Shown(() => UpdateView, { nullable: true })
  readonly update!: UpdateView | null;
  @Shown(() => ComparisonView, { nullable: true })
  readonly capability!: ComparisonView | null;
  @Shown(() => ComparisonView, { nullable: true })
  readonly generalQuality!: ComparisonView | null;
  @Shown(() => ShadowView, { nullable: true })
  readonly shadow!: ShadowView | null;
  @Shown(() => ShadowView, { nullable: true, description: 'the comparison with the third evaluator' })
  readonly reference!: ShadowView | null;
  @Shown(() => ControlsView, { nullable: true, description: 'whether the evaluator gives what is known beforehand' })
  readonly controls!: ControlsView | null;
  @Shown(() => VoidView, { isArray: true, description: 'why its evaluation does not count' })
  readonly voids!: readonly VoidView[];
  @Shown(() => CalibrationView, { nullable: true, description: 'whether the model knows what it does not know' })
  readonly calibration!: CalibrationView | null;
  @Shown(() => DriftView, { isArray: true })
  readonly drift!: readonly DriftView[];
  @Shown(() => String, { nullable: true, description: 'the verdict in a sentence without terms' })
  readonly headline!: string | null;
  @Shown(() => String, { nullable: true, description: 'the verdict in a sentence, with the figures that decided it' })
  readonly summary!: string | null;
  @Shown(() => Int, { nullable: true, description: 'position of the VerdictReached' })
  readonly verdictPosition!: number | null;
  @Shown(() => Float, { nullable: true })
  readonly alphaSpent!: number | null;
  @Shown(() => Float, { nullable: true, description: 'left on the lineage after it' })
  readonly alphaLeft!: number | null;
}

export class CyclePage extends pageOf(CycleView) {}

type Gathered = Readonly<{
  run: string;
  cycle: number;
  position: number;
  proposals: readonly ProposalRow[] | null;
  refusals: readonly RefusalRow[] | null;
  updates: readonly UpdateRow[] | null;
  probes: readonly ProbeRow[] | null;
  shadows: readonly ShadowRow[] | null;
  controls: readonly ControlsRow[] | null;
  voids: readonly VoidRow[] | null;
  calibrations: readonly CalibrationRow[] | null;
  drift: readonly DriftRow[] | null;
  verdicts: readonly VerdictRow[] | null;
}>;

const outcomeOf = ({ cycle, proposals, refusals, updates, verdicts }: Gathered): string => {
  const [verdict] = verdicts ?? [];
  if (verdict) return verdict.verdict;
  if (refusals) return 'REFUSED';
  if (updates?.some(({ ends }) => ends)) return 'ABORTED';
  if (cycle === 0) return 'BASE';
  return proposals?.[0]?.policy === 'frozen' ? 'FROZEN' : 'OPEN';
};

const shadowOf = (rows: readonly ShadowRow[] | null, third: boolean): ShadowView | null => {
  const found = rows?.find(({ data }) => isReference(data) === third)?.data;
  if (!found) return null;
  const { evaluators, items, agreed, reasons } = found;
  return { evaluators, items, agreed, reasons };
};

const show = (gathered: Gathered): CycleView => {
  const { run, cycle, position, proposals, refusals, updates, probes, shadows, drift, verdicts } = gathered;
  const [proposal, controls, verdict] = [proposals?.[0], gathered.controls?.[0], verdicts?.[0]];
  const reasons = verdict?.data.reasons ?? [];
  return {
    run,
    cycle,
    outcome: outcomeOf(gathered),
    position,
    proposal: proposal ? proposalOf(proposal) : null,
    violations: refusals?.flatMap(({ violations }) => violations) ?? [],
    update: updateOf(updates ?? []),
    capability: comparisonOf(CAPABILITY_METRIC, 'capability', probes ?? [], reasons),
    generalQuality: comparisonOf(GENERAL_METRIC, 'general_bits_per_byte', probes ?? [], reasons),
    shadow: shadowOf(shadows, false),
    reference: shadowOf(shadows, true),
    controls: controls ? controlsOf(controls) : null,
    voids: gathered.voids?.map(voidOf) ?? [],
    calibration: calibrationOf(gathered.calibrations ?? []),
    drift: drift?.map(driftOf) ?? [],
    headline: verdict ? headline(verdict.data) : null,
    summary: verdict?.data.summary ?? null,
    verdictPosition: verdict?.position ?? null,
    alphaSpent: verdict?.alpha_spent ?? null,
    alphaLeft: verdict?.alpha_left ?? null,
  };
};

const PARTS = {
  proposals: 'run_proposals',
  refusals: 'run_refusals',
  updates: 'run_updates',
  probes: 'run_probes',
  shadows: 'run_shadows',
  controls: 'run_controls',
  voids: 'run_voids',
  calibrations: 'run_calibrations',
  drift: 'run_drift',
  verdicts: 'run_verdicts',
} as const;

type Span = Readonly<{ from: number; to: number; limit: number }>;

/** The cycles of a run, from the base on. */
@Injectable()
export class CycleQuestions {
  private readonly kept: KeptRows<Gathered>;

  constructor(
    private readonly sql: Sql,
    private readonly views: Views,
  ) {
    this.kept = new KeptRows(sql, changeOfRun);
  }

  list(run: string, query: BulkQuery): Promise<Page<CycleView>> {
    return pageFrom(this.views, query, this.listing(run));
  }

  /** The first page of each of these runs, read at once. */
  async firstPages(runs: readonly string[], asOf: number, limit: number): Promise<readonly Page<CycleView>[]> {
    const found = await this.gather(runs, asOf, { from: 0, to: Number.MAX_SAFE_INTEGER, limit: limit + 1 });
    return runs.map((run) =>
      pageOfRows(
        this.listing(run),
        { asOf, limit },
        found.filter((row) => row.run === run),
      ),
    );
  }

  /** @throws NotFound when there was no such run or cycle at that position */
  async one(run: string, cycle: number, asked?: number): Promise<CycleView> {
    const asOf = await settleAsOf(this.views, asked);
    const [found] = await this.gatherOf(run, asOf, { from: cycle, to: cycle, limit: 1 });
    if (found) return show(found);
    await requireRun(this.sql, run, asOf);
    throw new NotFound(
      `cycle ${cycle}: run ${run} has not begun it as of position ${asOf}; GET /v1/runs/${run}/cycles shows those there are`,
    );
  }

  private listing(run: string): Listing<Gathered, number, CycleView> {
    return {
      kind: `cycles ${run}`,
      key: placeSchema,
      rows: async (asOf, limit, after = -1) => {
        const found = await this.gatherOf(run, asOf, { from: after + 1, to: Number.MAX_SAFE_INTEGER, limit });
        if (found.length === 0) await requireRun(this.sql, run, asOf);
        return found;
      },
      keyOf: ({ cycle }) => cycle,
      show,
    };
  }

  private gatherOf(run: string, asOf: number, span: Span): Promise<readonly Gathered[]> {
    return this.kept.of({ asOf, subject: run, by: Object.values(span) }, () => this.gather([run], asOf, span));
  }

  /** All rows of some cycles of each run in one statement: PGlite takes one at a time. */
  private async gather(runs: readonly string[], asOf: number, { from, to, limit }: Span): Promise<readonly Gathered[]> {
    const parts = Object.entries(PARTS).map(
      ([name, table]) => sql`
        (select json_agg(row_to_json(t) order by t.position) from ${sql.table(table)} t
          where t.run = asked.run and t.cycle = begun.cycle and t.position <= ${asOf}) as ${sql.ref(name)}`,
    );
    const { rows } = await sql<Gathered>`
      select asked.run, begun.cycle, begun.position, ${sql.join(parts)}
      from ${namesIn(runs)} as asked (run)
      cross join lateral (
        select cycle, min(position) as position from (
          select cycle, position from run_proposals where run = asked.run and position <= ${asOf}
          union all select cycle, position from run_updates where run = asked.run and position <= ${asOf} and cycle = 0
        ) first
        where cycle between ${from} and ${to}
        group by cycle order by cycle limit ${limit}
      ) begun
      order by asked.run, begun.cycle`.execute(this.sql.db);
    return rows;
  }
}
