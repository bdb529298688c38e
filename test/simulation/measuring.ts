import { EnvelopeQuestions } from '#experiment/envelope-questions.js';
import { experimentReadModel } from '#experiment/experiment-rows.js';
import { RunFacts } from '#experiment/run-facts.js';
import { SeriesQuestions } from '#experiment/series-questions.js';
import type { Artifacts } from '#ledger/artifacts.js';
import type { Log } from '#ledger/log.js';
import { CheckpointQuestions } from '#run/checkpoint.view.js';
import { lineageReadModel } from '#run/lineage-rows.js';
import { LineageQuestions } from '#run/lineage.view.js';
import { runReadModel } from '#run/run-rows.js';
import type { SqlDatabase } from '#store/sql-database.js';
import { SqlFollower } from '#store/sql-follower.js';
import { suiteReadModel } from '#suite/suite-rows.js';
import { SuiteQuestions } from '#suite/suite.view.js';

/** Read models at work over a log, and every question about what runs came to. */
export class Measuring {
  readonly views: SqlFollower;
  readonly envelopes: EnvelopeQuestions;
  readonly series: SeriesQuestions;
  readonly lineages: LineageQuestions;
  readonly checkpoints: CheckpointQuestions;
  readonly suites: SuiteQuestions;

  constructor(log: Log, database: SqlDatabase, artifacts: Artifacts) {
    const models = [runReadModel, lineageReadModel, experimentReadModel, suiteReadModel];
    this.views = new SqlFollower(log, database, { models });
    const facts = new RunFacts(database, artifacts);
    this.envelopes = new EnvelopeQuestions(facts, this.views);
    this.series = new SeriesQuestions(facts, this.views);
    this.lineages = new LineageQuestions(database, this.views);
    this.checkpoints = new CheckpointQuestions(database, this.views);
    this.suites = new SuiteQuestions(database, this.views);
    this.views.start();
  }

  /** Every question as of a position, with the answers or what was said instead of one. */
  async everything(runs: readonly string[], checkpoints: readonly string[], asOf: number): Promise<unknown> {
    const all = { asOf, limit: 1000 };
    const said = (question: Promise<unknown>): Promise<unknown> => question.catch((error: unknown) => String(error));
    const questions = [
      ...runs.flatMap((run) => [
        this.envelopes.of(run, { asOf }),
        this.envelopes.of(run, { asOf, source: 'gate' }),
        this.series.retention(run, all),
        this.series.optimism(run, all),
        this.lineages.one(run, asOf),
        this.suites.one(`${run}-gate`, asOf),
      ]),
      ...checkpoints.map((checkpoint) => this.checkpoints.lineage(checkpoint, asOf)),
      this.lineages.list(all),
      this.suites.list(all),
    ];
    return Promise.all(questions.map(said));
  }

  close(): Promise<void> {
    return this.views.close();
  }
}
