import { Injectable } from '@nestjs/common';
import { decodeResults } from '#evaluation/domain/item-results.js';
import { NotFound } from '#doors/problem.js';
import { Sql } from '#doors/read-model.js';
import { Artifacts } from '#ledger/artifacts.js';
import type { Fact } from './domain/fact.js';
import { taskValuesOf, unitValuesOf, type UnitValues } from './domain/unit-values.js';
import { experimentTables } from './experiment-rows.js';
import { Kept } from '#doors/kept.js';

/** What a results artifact says unit by unit; it never changes, so it is read once. */
export type Scored = UnitValues & Readonly<{ tasks: readonly (readonly number[])[] }>;

const RESULTS_KEPT = 4_000;
const RUNS_KEPT = 64;
const READ_AT_ONCE = 16;

const noFacts = (run: string, asOf: number): NotFound =>
  new NotFound(`run ${run}: there is no such run as of position ${asOf}; GET /v1/runs lists those there are`);

/** The facts of runs as of a position, and the items' results behind them. */
@Injectable()
export class RunFacts {
  private readonly results = new Kept<Scored>(RESULTS_KEPT);
  private readonly runs = new Kept<readonly Fact[]>(RUNS_KEPT);
  private readonly texts = new Kept<ReadonlyMap<string, number>>(RUNS_KEPT);

  constructor(
    private readonly sql: Sql,
    private readonly artifacts: Artifacts,
  ) {}

  /** The facts of a run in their order. @throws NotFound when there was no such run at that position */
  of(run: string, asOf: number): Promise<readonly Fact[]> {
    return this.runs.of(`${run} ${asOf}`, async () => {
      const rows = await experimentTables(this.sql)
        .selectFrom('experiment_facts')
        .select('fact')
        .where('run', '=', run)
        .where('position', '<=', asOf)
        .orderBy('position')
        .execute();
      if (rows.length > 0) return rows.map(({ fact }) => fact);
      throw noFacts(run, asOf);
    });
  }

  /** Reads the facts of several runs at once, so that the questions about each of them need not. */
  async prepare(runs: readonly string[], asOf: number): Promise<void> {
    const wanted = [...new Set(runs)].slice(-RUNS_KEPT);
    const all = experimentTables(this.sql)
      .selectFrom('experiment_facts')
      .select(['run', 'fact'])
      .where('run', 'in', wanted)
      .where('position', '<=', asOf)
      .orderBy('position')
      .execute();
    // Whoever asks next waits for these rows instead of asking the database again.
    const facts = wanted.map((run) =>
      this.runs.of(`${run} ${asOf}`, async () => {
        const found = (await all).filter((row) => row.run === run).map(({ fact }) => fact);
        if (found.length === 0) throw noFacts(run, asOf);
        return found;
      }),
    );
    await Promise.allSettled(facts);
    await all;
  }

  /** Bytes of the training split of every corpus. */
  trainBytes(asOf: number): Promise<ReadonlyMap<string, number>> {
    return this.texts.of(String(asOf), () => this.readTrainBytes(asOf));
  }

  private async readTrainBytes(asOf: number): Promise<ReadonlyMap<string, number>> {
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

  private one(hash: string): Promise<Scored> {
    return this.results.of(hash, async () => {
      const results = decodeResults(await this.artifacts.get(hash));
      return { ...unitValuesOf(results), tasks: taskValuesOf(results) };
    });
  }
}
