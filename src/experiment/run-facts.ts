import { Injectable } from '@nestjs/common';
import { decodeResults } from '#evaluation/domain/item-results.js';
import { NotFound } from '#doors/problem.js';
import { Sql } from '#doors/read-model.js';
import { Artifacts } from '#ledger/artifacts.js';
import type { Fact } from './domain/fact.js';
import { taskValuesOf, unitValuesOf, type UnitValues } from './domain/unit-values.js';
import { experimentTables } from './experiment-rows.js';

/** What a results artifact says unit by unit; it never changes, so it is read once. */
export type Scored = UnitValues & Readonly<{ tasks: readonly (readonly number[])[] }>;

const MOST_KEPT = 4_000;
const READ_AT_ONCE = 16;

/** The facts of runs as of a position, and the items' results behind them. */
@Injectable()
export class RunFacts {
  private readonly kept = new Map<string, Scored>();

  constructor(
    private readonly sql: Sql,
    private readonly artifacts: Artifacts,
  ) {}

  /** Position of the last fact of each run until there. @throws NotFound naming the run that there is not */
  async reached(runs: readonly string[], asOf: number): Promise<ReadonlyMap<string, number>> {
    const rows = await experimentTables(this.sql)
      .selectFrom('experiment_facts')
      .select(({ fn }) => ['run', fn.max('position').as('last')])
      .where('run', 'in', [...runs])
      .where('position', '<=', asOf)
      .groupBy('run')
      .execute();
    const last = new Map(rows.map((row) => [row.run, Number(row.last)]));
    const missing = runs.find((run) => !last.has(run));
    if (missing !== undefined)
      throw new NotFound(
        `run ${missing}: there is no such run as of position ${asOf}; GET /v1/runs lists those there are`,
      );
    return last;
  }

  /** The facts of a run in their order. */
  async of(run: string, asOf: number): Promise<readonly Fact[]> {
    const rows = await experimentTables(this.sql)
      .selectFrom('experiment_facts')
      .select('fact')
      .where('run', '=', run)
      .where('position', '<=', asOf)
      .orderBy('position')
      .execute();
    return rows.map(({ fact }) => fact);
  }

  /** Bytes of the training split of every corpus. */
  async trainBytes(asOf: number): Promise<ReadonlyMap<string, number>> {
    const rows = await experimentTables(this.sql)
      .selectFrom('experiment_texts')
      .select(['corpus', 'train_bytes'])
      .where('position', '<=', asOf)
      .orderBy('position')
      .execute();
    return new Map(rows.map(({ corpus, train_bytes: bytes }) => [corpus, bytes]));
  }

  /** @throws ArtifactMissing, ArtifactDamaged */
  async scored(results: readonly string[]): Promise<ReadonlyMap<string, Scored>> {
    const found = new Map<string, Scored>();
    for (let at = 0; at < results.length; at += READ_AT_ONCE) {
      const some = results.slice(at, at + READ_AT_ONCE);
      const read = await Promise.all(some.map(async (hash) => [hash, await this.one(hash)] as const));
      for (const [hash, scored] of read) found.set(hash, scored);
    }
    return found;
  }

  private async one(hash: string): Promise<Scored> {
    const known = this.kept.get(hash);
    if (known) return known;
    const results = decodeResults(await this.artifacts.get(hash));
    const scored = { ...unitValuesOf(results), tasks: taskValuesOf(results) };
    const [oldest] = this.kept.size >= MOST_KEPT ? this.kept.keys() : [];
    if (oldest !== undefined) this.kept.delete(oldest);
    this.kept.set(hash, scored);
    return scored;
  }
}
