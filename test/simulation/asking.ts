import type { Log, Recorded } from '#ledger/log.js';
import { AllocationQuestions } from '#run/allocation.view.js';
import { CycleQuestions } from '#run/cycle.view.js';
import { DriftQuestions } from '#run/drift.view.js';
import { LiveQuestions } from '#run/live.view.js';
import { Rejudging } from '#run/rejudging.js';
import { runReadModel } from '#run/run-rows.js';
import { RunQuestions } from '#run/run.view.js';
import { TimelineQuestions } from '#run/timeline.view.js';
import { VerdictQuestions } from '#run/verdict.view.js';
import { MemoryLog } from '#store/memory-log.js';
import type { SqlDatabase } from '#store/sql-database.js';
import { SqlFollower } from '#store/sql-follower.js';

/** For questions that do not judge again. */
class NobodyJudges extends Rejudging {
  judgeAgain(): Promise<never> {
    throw new Error('nobody was to judge again');
  }
}

/** A log that holds these records and ends there. */
export const logOf = async (entries: readonly Recorded[]): Promise<MemoryLog> => {
  const log = new MemoryLog();
  for (const { record } of entries) {
    const { stream, revision: _revision, ...proposed } = record;
    await log.append(stream, 'any', [proposed]);
  }
  return log;
};

/** Read models at work over a log, and every question about runs. */
export class Asking {
  readonly views: SqlFollower;
  readonly runs: RunQuestions;
  readonly cycles: CycleQuestions;
  readonly verdicts: VerdictQuestions;
  readonly drift: DriftQuestions;
  readonly allocation: AllocationQuestions;
  readonly timeline: TimelineQuestions;
  readonly live: LiveQuestions;

  constructor(log: Log, database: SqlDatabase, rejudging: Rejudging = new NobodyJudges(), batch = 50) {
    this.views = new SqlFollower(log, database, { models: [runReadModel], batch });
    this.runs = new RunQuestions(database, this.views);
    this.cycles = new CycleQuestions(database, this.views);
    this.verdicts = new VerdictQuestions(database, this.views, rejudging);
    this.drift = new DriftQuestions(database, this.views);
    this.allocation = new AllocationQuestions(database, this.views);
    this.timeline = new TimelineQuestions(database, this.views);
    this.live = new LiveQuestions(database, this.views);
    this.views.start();
  }

  /** Every question about some runs, with the answers or what was said instead of one. */
  async everything(runs: readonly string[], asOf: number): Promise<Readonly<Record<string, unknown>>> {
    const answers: Record<string, unknown> = {};
    const ask = async (name: string, question: Promise<unknown>): Promise<void> => {
      answers[name] = await question.catch((error: unknown) => String(error));
    };
    const all = { asOf, limit: 1000 };
    for (const order of ['asc', 'desc'] as const)
      for (const status of [undefined, 'running', 'halted', 'completed'] as const)
        await ask(`runs ${order} ${status}`, this.runs.list({ ...all, order, ...(status && { status }) }));
    for (const run of runs) {
      await ask(`${run}`, this.runs.one(run, asOf));
      await ask(`${run} cycles`, this.cycles.list(run, all));
      for (const cycle of [0, 1, 2, 3]) {
        await ask(`${run} ${cycle}`, this.cycles.one(run, cycle, asOf));
        await ask(`${run} ${cycle} verdict`, this.verdicts.explain(run, cycle, { asOf, recompute: false }));
      }
      await ask(`${run} drift`, this.drift.series(run, all));
      await ask(`${run} kl`, this.drift.series(run, { ...all, metric: 'kl-to-anchor', reference: 'anchor' }));
      await ask(`${run} allocation`, this.allocation.series(run, all));
      await ask(`${run} events`, this.timeline.events(run, all));
      await ask(`${run} last`, this.timeline.events(run, { asOf, limit: 3, order: 'desc', cycle: 1 }));
    }
    return answers;
  }

  close(): Promise<void> {
    return this.views.close();
  }
}
