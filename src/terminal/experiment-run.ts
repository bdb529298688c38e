import type { Command } from 'commander';
import { armFile, type PlannedRun } from '#experiment/domain/planned-runs.js';
import { findExperiment, type KnownExperiment } from '#experiment/known-experiments.js';
import { fold } from '#ledger/ledger.js';
import { isAtRest } from '#run/domain/next-step.js';
import { reportedEnds } from '#run/domain/run-facts.js';
import { runStream, type Run, type Started } from '#run/domain/run.js';
import type { Application } from './application.js';
import { documentOf, sayConclusions } from './experiment-words.js';
import { INTERRUPTED } from './failures.js';
import { duration, points, share } from './format.js';
import type { Session } from './session.js';

const runOf = async ({ log }: Application, { run }: PlannedRun): Promise<Run> =>
  (await fold(log, runStream, run)).state;

/** Takes one run from wherever it is as far as it goes. */
const advance = async (
  session: Session,
  app: Application,
  { state }: KnownExperiment,
  planned: PlannedRun,
  signal: AbortSignal,
): Promise<Started> => {
  const { registration } = state;
  if ((await runOf(app, planned)).status === 'absent') {
    const { StartRun } = await import('#loop/start-run.js');
    const { requester } = session.surroundings;
    session.screen.progress.working(`${planned.run}: reading the text and sealing the suites`);
    const file = armFile(registration, planned);
    await app.send(new StartRun(file, { requester }, 'local files', registration.experiment));
  }
  const { AdvanceRun } = await import('#loop/advance-run.js');
  return app.send(new AdvanceRun(planned.run, signal));
};

/** "completed, capability 21.3% → 22.0% (+0.7 points)". */
const cameTo = (run: Started): string => {
  const ends = reportedEnds(run);
  if (!ends) return run.status;
  const { anchor, champion } = ends;
  const gain = points(champion.capability - anchor.capability);
  return `${run.status}, capability ${share(anchor.capability)} → ${share(champion.capability)} (${gain})`;
};

type Advanced = Readonly<{ interrupted: boolean; done: number }>;

const runAll = async (session: Session, app: Application, known: KnownExperiment): Promise<Advanced> => {
  const { screen, surroundings } = session;
  const { planned } = known;
  const stop = new AbortController();
  const unlisten = surroundings.onInterrupt(() => {
    screen.say('', 'Stopping at the next step …');
    stop.abort();
  });
  const states = await Promise.all(planned.map(async (one) => ({ one, run: await runOf(app, one) })));
  const open = states.flatMap(({ one, run }) => (isAtRest(run) ? [] : [one]));
  let done = planned.length - open.length;
  if (done > 0) screen.say(`${done} of ${planned.length} runs are at their end already.`);
  const began = surroundings.now();
  try {
    for (const [at, one] of open.entries()) {
      if (stop.signal.aborted) break;
      const run = await advance(session, app, known, one, stop.signal);
      if (!isAtRest(run)) break;
      done += 1;
      const seconds = (surroundings.now() - began) / 1_000;
      const left = (seconds / (at + 1)) * (open.length - at - 1);
      const rest = done === planned.length ? '' : `; about ${duration(left)} left`;
      screen.paragraph(`${cameTo(run)}${rest}`, `  ${done} of ${planned.length}  ${one.run}  `);
    }
  } finally {
    unlisten();
  }
  return { interrupted: stop.signal.aborted && done < planned.length, done };
};

/** Before the folder is opened to write, which would make one. @throws Refused, LogAbsent */
const requireKnown = (session: Session, id: string): Promise<KnownExperiment> => {
  session.requireFolder();
  return session.read(({ log }) => findExperiment(log, id));
};

const run = async (session: Session, id: string): Promise<void> => {
  const known = await requireKnown(session, id);
  return session.write(async (app) => {
    const { screen } = session;
    const { interrupted, done } = await runAll(session, app, known);
    if (interrupted) {
      session.code = INTERRUPTED;
      screen.say('', 'Stopped. Every finished step is in the log and nothing is lost. To go on:');
      screen.say(`  ${session.commandLine(`experiment run ${id}`)}`);
    }
    const runs = await Promise.all(
      known.planned.map(async (one) => ({ ...one, status: (await runOf(app, one)).status })),
    );
    screen.document({ experiment: id, runs, done, interrupted });
  });
};

const conclude = async (session: Session, id: string): Promise<void> => {
  await requireKnown(session, id);
  return session.write(async (app) => {
    const { ConcludeExperiment } = await import('#experiment/conclude-experiment.js');
    const { requester } = session.surroundings;
    const known = await app.send(new ConcludeExperiment(id, { requester }));
    sayConclusions(session.screen, known.state);
    session.screen.document(documentOf(known));
  });
};

export const registerExperimentRun = (experiment: Command, session: Session): void => {
  experiment
    .command('run')
    .argument('<id>', 'name of the experiment')
    .description('make its runs, seed after seed; Ctrl-C stops at a step boundary, the same command goes on')
    .action((id: string) => run(session, id));
  experiment
    .command('conclude')
    .argument('<id>', 'name of the experiment')
    .description('take its next look: every hypothesis is concluded by its registered rule')
    .action((id: string) => conclude(session, id));
};
