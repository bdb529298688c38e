import { Injectable } from '@nestjs/common';
import { Int, ObjectType } from '@nestjs/graphql';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsISO8601, IsOptional, Matches, Max, Min } from 'class-validator';
import { sql } from 'kysely';
import { settleAsOf } from '#doors/as-of.js';
import { InvalidRequest } from '#doors/dispatch.js';
import { namesIn } from '#doors/names-in.js';
import { asWhole } from '#doors/page.js';
import { Sql, Views } from '#doors/read-model.js';
import { Shown } from '#doors/shown.js';
import { noRun } from './run.view.js';
import type { ChampionRow, VerdictRow } from './run-tables.js';

/** RFC 3339 as the database reads it too: years 1900 to 2199, offsets up to 14 hours. */
export const TIME =
  /^(19|20|21)\d\d-\d\d-\d\d[Tt]([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?([Zz]|[+-](0\d|1[0-3]):[0-5]\d|[+-]14:00)$/;

/** Which weights of a run were live, since when, by what, and judged by what. */
@ObjectType('Live')
export class LiveView {
  @Shown(() => String)
  readonly run!: string;
  @Shown(() => Boolean, { description: 'false before the anchor: nothing was live' })
  readonly live!: boolean;
  @Shown(() => String, { description: 'the answer in a sentence' })
  readonly sentence!: string;
  @Shown(() => Int, { description: 'the position that the answer is as of' })
  readonly asOf!: number;
  @Shown(() => String, { nullable: true, description: 'the time asked for' })
  readonly time!: string | null;
  @Shown(() => String, { nullable: true, description: 'SHA-256 of the weights' })
  readonly checkpoint!: string | null;
  @Shown(() => String, { nullable: true, description: 'anchor, promotion or rollback' })
  readonly via!: string | null;
  @Shown(() => String, { nullable: true, description: 'when the event that made it live was recorded' })
  readonly since!: string | null;
  @Shown(() => Int, { nullable: true, description: 'position of that event' })
  readonly position!: number | null;
  @Shown(() => Int, { nullable: true, description: 'its place in the stream of the run' })
  readonly revision!: number | null;
  @Shown(() => String, { nullable: true, description: 'AnchorEstablished, CandidatePromoted or ChampionRolledBack' })
  readonly type!: string | null;
  @Shown(() => String, { nullable: true, description: 'what was live before it' })
  readonly predecessor!: string | null;
  @Shown(() => String, { nullable: true, description: 'why it was rolled back to' })
  readonly reason!: string | null;
  @Shown(() => Int, {
    nullable: true,
    description: 'the cycle whose verdict accepted these weights; null for the anchor',
  })
  readonly cycle!: number | null;
  @Shown(() => String, { nullable: true, description: 'that verdict in a sentence' })
  readonly verdict!: string | null;
  @Shown(() => Int, { nullable: true, description: 'position of that VerdictReached' })
  readonly verdictPosition!: number | null;
  @Shown(() => String, { nullable: true, description: 'id of the constitution it was judged by; null for the anchor' })
  readonly constitution!: string | null;
  @Shown(() => Int, { nullable: true })
  readonly constitutionVersion!: number | null;
}

export class LiveQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 0, description: 'a position of the log; default: now' })
  @IsOptional()
  @Transform(asWhole)
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  readonly position?: number;

  @ApiPropertyOptional({
    description: 'instead of a position: the last record in log order whose `recordedAt` is not later, RFC 3339',
    example: '2026-03-01T12:00:00Z',
    pattern: TIME.source,
  })
  @IsOptional()
  @IsISO8601({ strict: true, strictSeparator: true })
  @Matches(TIME, { message: 'time must be RFC 3339 with a zone, such as 2026-03-01T12:00:00Z' })
  readonly time?: string;
}

const short = (hash: string): string => hash.slice(0, 12);

const BY: Readonly<Record<string, string>> = {
  anchor: 'as the anchor, which no verdict precedes',
  promotion: 'by its promotion',
  rollback: 'by a rollback',
};

type Found = Readonly<{ run: string; row: ChampionRow | null; verdict: VerdictRow | null; asOf: number }>;

const show = (run: string, time: string | undefined, { row, verdict, asOf }: Found): LiveView => {
  const nothing = `Nothing of run ${run} was live at position ${asOf}: its anchor was not established yet.`;
  const judged = verdict
    ? `, accepted in cycle ${verdict.cycle} under constitution ${verdict.data.constitution.id} v${verdict.data.constitution.version}`
    : '';
  return {
    run,
    live: row !== null,
    sentence: row
      ? `${short(row.checkpoint)} was live at position ${asOf}, since ${row.recorded_at} (position ${row.position}), ${BY[row.via]}${judged}.`
      : nothing,
    asOf,
    time: time ?? null,
    checkpoint: row?.checkpoint ?? null,
    via: row?.via ?? null,
    since: row?.recorded_at ?? null,
    position: row?.position ?? null,
    revision: row?.revision ?? null,
    type: row?.type ?? null,
    predecessor: row?.predecessor ?? null,
    reason: row?.reason ?? null,
    cycle: verdict?.cycle ?? null,
    verdict: verdict?.data.summary ?? null,
    verdictPosition: verdict?.position ?? null,
    constitution: verdict?.data.constitution.id ?? null,
    constitutionVersion: verdict?.data.constitution.version ?? null,
  };
};

/** What was live when. */
@Injectable()
export class LiveQuestions {
  constructor(
    private readonly sql: Sql,
    private readonly views: Views,
  ) {}

  /** @throws NotFound when there was no such run at the position (asked by time: now); InvalidRequest when both a position and a time are given */
  async at(run: string, query: LiveQuery): Promise<LiveView> {
    const [answer = noRun(run, 0)] = await this.atEach([run], query);
    if (answer instanceof Error) throw answer;
    return answer;
  }

  /** The same of several runs at once: each one's answer, or why there is none. @throws InvalidRequest */
  async atEach(runs: readonly string[], { position, time }: LiveQuery): Promise<readonly (LiveView | Error)[]> {
    if (position !== undefined && time !== undefined)
      throw new InvalidRequest(
        'time: a position is given too; ask by one of them',
        { field: 'time', value: time, allowed: 'leave out position or time' },
        400,
      );
    const now = await settleAsOf(this.views, position);
    const found = new Map((await this.find(runs, now, time)).map((one) => [one.run, one]));
    return runs.map((run) => {
      const one = found.get(run);
      return one ? show(run, time, one) : noRun(run, now);
    });
  }

  /** A rollback's weights were accepted by the verdict of an earlier cycle: the last one on them before it. */
  private async find(runs: readonly string[], now: number, time: string | undefined): Promise<readonly Found[]> {
    const until =
      time === undefined
        ? sql`${now}::bigint`
        : sql`(select coalesce(max(e.position), 0) from run_events e
            where e.run = s.run and e.position <= ${now} and e.recorded_at::timestamptz <= ${time}::timestamptz)`;
    const { rows } = await sql<Found>`
      select s.run, row_to_json(c) as row, u.position as "asOf",
        (select row_to_json(v) from run_verdicts v where v.run = s.run and v.candidate = c.checkpoint
          and v.verdict = 'ACCEPT' and v.position <= c.position order by v.position desc limit 1) as verdict
      from run_starts s
      cross join lateral (select ${until} as position) u
      left join lateral (select * from run_champions c where c.run = s.run and c.position <= u.position
        order by c.position desc limit 1) c on true
      where s.run in (select * from ${namesIn(runs)}) and s.position <= ${now}`.execute(this.sql.db);
    return rows;
  }
}
