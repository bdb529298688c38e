import { Injectable } from '@nestjs/common';
import { Float, Int, ObjectType } from '@nestjs/graphql';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsBoolean, IsOptional } from 'class-validator';
import { sql } from 'kysely';
import { headline } from '#constitution/domain/headline.js';
import { AsOfQuery } from '#doors/as-of-query.js';
import { settleAsOf } from '#doors/as-of.js';
import { KeptRows } from '#doors/kept-rows.js';
import { NotFound } from '#doors/problem.js';
import { Sql, Views } from '#doors/read-model.js';
import { Shown } from '#doors/shown.js';
import { runStream } from './domain/run.js';
import { changeOfRun } from './kept-of-run.js';
import { Rejudging, type Difference } from './rejudging.js';
import { requireRun } from './run.view.js';
import type { VerdictRow } from './run-tables.js';
import { DifferenceView, evidenceOf, EvidenceView, ruleOf, RuleView, type CitedRecord } from './verdict-parts.view.js';

/** Why a candidate was accepted or not, rule by rule, and whether judging it again now says the same. */
@ObjectType('Verdict')
export class VerdictView {
  @Shown(() => String)
  readonly run!: string;
  @Shown(() => Int)
  readonly cycle!: number;
  @Shown(() => String, { description: 'ACCEPT, REJECT, or INCONCLUSIVE, which acts as REJECT' })
  readonly verdict!: string;
  @Shown(() => String, { description: 'the verdict in a sentence without terms' })
  readonly headline!: string;
  @Shown(() => String, { description: 'the verdict in a sentence, with the figures that decided it' })
  readonly summary!: string;
  @Shown(() => String, { description: 'SHA-256 of the candidate' })
  readonly candidate!: string;
  @Shown(() => Int, { description: 'position of the VerdictReached' })
  readonly position!: number;
  @Shown(() => Int, { description: 'its place in the stream of the run' })
  readonly revision!: number;
  @Shown(() => String)
  readonly recordedAt!: string;
  @Shown(() => String, { description: 'id of the constitution it was judged by' })
  readonly constitution!: string;
  @Shown(() => Int)
  readonly constitutionVersion!: number;
  @Shown(() => Int, { description: 'number of the candidate among all judged on the lineage, from 1' })
  readonly lineageIndex!: number;
  @Shown(() => Float)
  readonly alphaSpent!: number;
  @Shown(() => Float, { description: 'left on the lineage after it' })
  readonly alphaLeft!: number;
  @Shown(() => String, { description: 'RFC 6962 root over the outcome digests of the cited records' })
  readonly evidenceRoot!: string;
  @Shown(() => RuleView, { isArray: true })
  readonly rules!: readonly RuleView[];
  @Shown(() => EvidenceView, { isArray: true, description: 'every record cited' })
  readonly evidence!: readonly EvidenceView[];
  @Shown(() => Boolean, {
    nullable: true,
    description:
      'whether the verdict recomputed from the evidence just now is this one; null: it was not, or could not be, recomputed',
  })
  readonly agrees!: boolean | null;
  @Shown(() => DifferenceView, { isArray: true, description: 'what comes out otherwise' })
  readonly differences!: readonly DifferenceView[];
  @Shown(() => String, { nullable: true, description: 'why it could not be recomputed' })
  readonly notRecomputed!: string | null;
}

export class VerdictQuery extends AsOfQuery {
  @ApiPropertyOptional({
    type: 'boolean',
    default: true,
    description: 'false: the record alone, without judging again',
  })
  @IsOptional()
  @Transform(({ value }: Readonly<{ value: unknown }>) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  readonly recompute?: boolean;
}

export type Recomputed = Pick<VerdictView, 'agrees' | 'differences' | 'notRecomputed'>;
const NOT_ASKED: Recomputed = { agrees: null, differences: [], notRecomputed: 'it was not asked for' };

type Found = Readonly<{ row: VerdictRow; cited: readonly CitedRecord[] | null }>;
/** A cycle that may have been judged. */
export type Judged = Readonly<{ run: string; cycle: number }>;

const show = ({ row, cited: found }: Found): VerdictView => {
  const { data, run, cycle } = row;
  const cited = found ?? [];
  return {
    run,
    cycle,
    verdict: row.verdict,
    headline: headline(data),
    summary: data.summary,
    candidate: row.candidate,
    position: row.position,
    revision: row.revision,
    recordedAt: row.recorded_at,
    constitution: data.constitution.id,
    constitutionVersion: data.constitution.version,
    lineageIndex: data.lineageIndex,
    alphaSpent: row.alpha_spent,
    alphaLeft: row.alpha_left,
    evidenceRoot: data.evidenceRoot,
    rules: data.reasons.map((reason) => ruleOf(reason, cited)),
    evidence: cited.map(evidenceOf),
    ...NOT_ASKED,
  };
};

/** Verdicts, explained. */
@Injectable()
export class VerdictQuestions {
  private readonly kept: KeptRows<Found>;
  private readonly judging = new Map<string, Promise<readonly Difference[]>>();
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly sql: Sql,
    private readonly views: Views,
    private readonly rejudging: Rejudging,
  ) {
    this.kept = new KeptRows(sql, changeOfRun);
  }

  /** @throws NotFound when there was no such run or verdict at that position */
  async explain(run: string, cycle: number, { asOf: asked, recompute = true }: VerdictQuery): Promise<VerdictView> {
    const asOf = await settleAsOf(this.views, asked);
    const [found] = await this.kept.of({ asOf, subject: run, by: [cycle] }, () => this.find([{ run, cycle }], asOf));
    if (!found) {
      await requireRun(this.sql, run, asOf);
      throw new NotFound(
        `cycle ${cycle}: run ${run} has no verdict on it as of position ${asOf}; GET /v1/runs/${run}/cycles/${cycle} says why`,
      );
    }
    const recorded = show(found);
    return recompute ? { ...recorded, ...(await this.recomputed(run, cycle)) } : recorded;
  }

  /** What the log says of the verdicts on some cycles, read at once; undefined for a cycle without one. */
  async recorded(asked: readonly Judged[], asOf: number): Promise<readonly (VerdictView | undefined)[]> {
    const keyOf = ({ run, cycle }: Judged): string => `${run}/${cycle}`;
    const found = new Map((await this.find(asked, asOf)).map((one) => [keyOf(one.row), show(one)]));
    return asked.map((one) => found.get(keyOf(one)));
  }

  /** The verdict judged again from the evidence, now. */
  async recomputed(run: string, cycle: number): Promise<Recomputed> {
    try {
      const differences = await this.judgeAgain(run, cycle);
      return { agrees: differences.length === 0, differences, notRecomputed: null };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { agrees: null, differences: [], notRecomputed: why };
    }
  }

  /** One at a time, and whoever asks for the same meanwhile gets the same answer: it is work of a second. */
  private judgeAgain(run: string, cycle: number): Promise<readonly Difference[]> {
    const key = `${run}/${cycle}`;
    const under = this.judging.get(key);
    if (under) return under;
    const again = this.last.then(() => this.rejudging.judgeAgain(run, cycle));
    this.last = again.catch(() => undefined);
    const kept = again.finally(() => this.judging.delete(key));
    this.judging.set(key, kept);
    return kept;
  }

  private async find(asked: readonly Judged[], asOf: number): Promise<readonly Found[]> {
    const { rows } = await sql<Found>`
      select row_to_json(v) as row, (
        select json_agg(json_build_object('stream', ${`${runStream.name}-`}::text || v.run, 'revision', e.revision,
          'position', e.position, 'type', e.type, 'sentence', e.sentence, 'role', p.role, 'metric', d.metric)
          order by e.position)
        from json_to_recordset(v.data -> 'cites') as cite (revision bigint)
        join run_events e on e.run = v.run and e.revision = cite.revision
        left join run_probes p on p.position = e.position
        left join run_drift d on d.position = e.position
      ) as cited
      from json_to_recordset(${JSON.stringify(asked)}::json) as asked (run text, cycle bigint)
      cross join lateral (select * from run_verdicts v
        where v.run = asked.run and v.cycle = asked.cycle and v.position <= ${asOf}
        order by v.position limit 1) v`.execute(this.sql.db);
    return rows;
  }
}
