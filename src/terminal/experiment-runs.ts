import type { PlannedRun } from '#experiment/domain/planned-runs.js';
import { fold } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';
import { isAtRest } from '#run/domain/next-step.js';
import { reportedEnds } from '#run/domain/run-facts.js';
import { runStream, type Run, type Started } from '#run/domain/run.js';
import type { HttpService } from '#store/http-service.js';
import type { Application } from './application.js';
import { duration, points, share } from './format.js';
import { RunStory } from './run-story.js';
import type { Session } from './session.js';

export const runOf = async (log: Log, { run }: PlannedRun): Promise<Run> => (await fold(log, runStream, run)).state;

/** Takes one planned run from wherever it is as far as it goes before the signal. */
export type Take = (planned: PlannedRun, signal: AbortSignal) => Promise<Run>;

/** Makes the run in this process. */
export const takingHere = (session: Session, app: Application, experiment: string): Take => {
  const { requester } = session.surroundings;
  return async ({ run }, signal) => {
    const { StartPlannedRun } = await import('#loop/start-planned-run.js');
    const { AdvanceRun } = await import('#loop/advance-run.js');
    app.listener.working(run, 0, 'sealing the suites');
    await app.send(new StartPlannedRun(experiment, run, { requester }, 'local files'));
    return app.send(new AdvanceRun(run, signal));
  };
};

/** Has a service make the run, and looks on. */
export const takingThere = (session: Session, service: HttpService, app: Application, experiment: string): Take => {
  const path = `/v1/experiments/${encodeURIComponent(experiment)}/runs`;
  return async ({ run }, signal) => {
    await session.command(service, path, { run }, run);
    const story = new RunStory(app.log, run, session.screen);
    await story.catchUp({ silently: true });
    await story.follow(signal, isAtRest, { silently: true });
    return story.run;
  };
};

/** "completed, capability 21.3% → 22.0% (+0.7 points)". */
const cameTo = (run: Started): string => {
  const ends = reportedEnds(run);
  if (!ends) return run.status;
  const { anchor, champion } = ends;
  const gain = points(champion.capability - anchor.capability);
  return `${run.status}, capability ${share(anchor.capability)} → ${share(champion.capability)} (${gain})`;
};

/** Runs side by side: each place takes the next one that nobody has, until none is left or the signal comes. */
export class SideBySide {
  private done: number;
  /** At their end since this began, which is what the time left is judged by. */
  private made = 0;
  private readonly waiting: PlannedRun[];
  private readonly began: number;
  private readonly failed = new AbortController();

  constructor(
    private readonly session: Session,
    private readonly all: number,
    open: readonly PlannedRun[],
    private readonly take: Take,
  ) {
    this.waiting = [...open];
    this.done = all - open.length;
    this.began = session.surroundings.now();
  }

  /** How many runs are at their end. @throws what the first of them failed with, once the others have ended their step */
  async run(places: number, signal: AbortSignal): Promise<number> {
    const until = AbortSignal.any([signal, this.failed.signal]);
    const ended = await Promise.allSettled(Array.from({ length: places }, () => this.place(until)));
    const failure = ended.find((one) => one.status === 'rejected');
    if (failure) throw failure.reason;
    return this.done;
  }

  private async place(until: AbortSignal): Promise<void> {
    for (;;) {
      const next = until.aborted ? undefined : this.waiting.shift();
      if (!next) return;
      try {
        const run = await this.take(next, until);
        if (run.status === 'absent' || !isAtRest(run)) return;
        this.tell(next, run);
      } catch (error) {
        this.failed.abort();
        throw error;
      }
    }
  }

  private tell(planned: PlannedRun, run: Started): void {
    const { screen, surroundings } = this.session;
    this.done += 1;
    this.made += 1;
    const left = this.all - this.done;
    const seconds = (surroundings.now() - this.began) / 1_000;
    const rest = left === 0 ? '' : `; about ${duration((seconds / this.made) * left)} left`;
    screen.paragraph(`${cameTo(run)}${rest}`, `  ${this.done} of ${this.all}  ${planned.run}  `);
  }
}
