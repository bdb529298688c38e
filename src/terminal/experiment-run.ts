import { availableParallelism } from 'node:os';
import type { Command } from 'commander';
import { eachOnce } from '#experiment/domain/planned-runs.js';
import { findExperiment, type KnownExperiment } from '#experiment/known-experiments.js';
import { isAtRest } from '#run/domain/next-step.js';
import type { Application } from './application.js';
import { runOf, SideBySide, takingHere, takingThere, type Take } from './experiment-runs.js';
import { documentOf, sayConclusions } from './experiment-words.js';
import { distilAll, distilledSoFar } from './experiment-distillations.js';
import { BadInput, INTERRUPTED } from './failures.js';
import { whole, type Session } from './session.js';

/** Left out: as many at once as there are cores, and no limit of time. */
type Extent = Readonly<{ atOnce?: number; minutes?: number }>;

/** The command that goes on with an experiment as it was begun. */
export const sameAgain = (id: string, { atOnce, minutes }: Extent): string =>
  [
    `experiment run ${id}`,
    ...(atOnce === undefined ? [] : [`--at-once ${atOnce}`]),
    ...(minutes === undefined ? [] : [`--minutes ${minutes}`]),
  ].join(' ');

/** What stops the runs at their next step: the user, or the time that was given. */
const stopping = (session: Session, { minutes }: Extent): Readonly<{ signal: AbortSignal; unlisten: () => void }> => {
  const stop = new AbortController();
  const unlisten = session.surroundings.onInterrupt(() => {
    session.screen.say('', 'Stopping at the next step …');
    stop.abort();
  });
  const limits = minutes === undefined ? [] : [AbortSignal.timeout(60_000 * minutes)];
  return { signal: AbortSignal.any([stop.signal, ...limits]), unlisten };
};

type Made = Readonly<{ done: number; stopped: boolean }>;

const makeAll = async (
  session: Session,
  app: Application,
  known: KnownExperiment,
  extent: Extent,
  take: Take,
): Promise<Made> => {
  const { screen } = session;
  const planned = eachOnce(known.planned);
  const states = await Promise.all(planned.map(async (one) => ({ one, run: await runOf(app.log, one) })));
  const open = states.flatMap(({ one, run }) => (isAtRest(run) ? [] : [one]));
  if (open.length < planned.length)
    screen.say(`${planned.length - open.length} of ${planned.length} runs are at their end already.`);
  app.listener.tellTogether();
  const { signal, unlisten } = stopping(session, extent);
  const runs = new SideBySide(session, planned.length, open, async (one, until) => {
    const run = await take(one, until);
    app.listener.leave(one.run);
    return run;
  });
  try {
    const done = await runs.run(Math.min(extent.atOnce ?? availableParallelism(), Math.max(1, open.length)), signal);
    return { done, stopped: done < planned.length };
  } finally {
    unlisten();
  }
};

const sayStopped = (session: Session, id: string, extent: Extent): void => {
  session.code = INTERRUPTED;
  session.screen.say('', 'Stopped. Every finished step is in the log and nothing is lost. To go on:');
  session.screen.say(`  ${session.commandLine(sameAgain(id, extent))}`);
};

const suggestConclusion = (session: Session, id: string): void => {
  session.screen.title('What to do next');
  session.suggest('answer every hypothesis by its registered rule', `experiment conclude ${id}`);
};

/** The service goes on with what it has begun; only this command starts the rest. */
const sayLeft = (session: Session, id: string, extent: Extent): void => {
  session.code = INTERRUPTED;
  session.screen.say('', 'The service goes on with the runs that are under way. To have the rest made:');
  session.screen.say(`  ${session.commandLine(sameAgain(id, extent))}`);
};

const told = async (
  session: Session,
  app: Application,
  known: KnownExperiment,
  extent: Extent,
  take: Take,
  sayEnd: typeof sayStopped = sayStopped,
): Promise<void> => {
  const { screen } = session;
  const { experiment: id } = known.state.registration;
  const { done, stopped } = await makeAll(session, app, known, extent, take);
  if (stopped) sayEnd(session, id, extent);
  else suggestConclusion(session, id);
  const runs = await Promise.all(
    known.planned.map(async (one) => ({ ...one, status: (await runOf(app.log, one)).status })),
  );
  screen.document({ experiment: id, runs, done, interrupted: stopped });
};

/** Before a folder is opened to write, which would make one. @throws Refused, LogAbsent */
const requireKnown = (session: Session, id: string): Promise<KnownExperiment> =>
  session.read(({ log }) => findExperiment(log, id));

/** Students are made in this process: traces are large. */
const distil = (session: Session, known: KnownExperiment, extent: Extent): Promise<void> =>
  session.write(async (app) => {
    const { screen } = session;
    const { experiment: id } = known.state.registration;
    const { signal, unlisten } = stopping(session, extent);
    const done = await distilAll(session, app, known, signal).finally(unlisten);
    const distillations = await distilledSoFar(app, known);
    const interrupted = done < distillations.length;
    if (interrupted) sayStopped(session, id, extent);
    else suggestConclusion(session, id);
    screen.document({ experiment: id, distillations, done, interrupted });
  });

const run = async (session: Session, id: string, extent: Extent): Promise<void> => {
  const service = await session.service();
  if (service)
    return session.readAt(service, async (app) => {
      const known = await findExperiment(app.log, id);
      if (known.state.registration.distillation)
        throw new BadInput(`${id}: students are made in a data folder that no service has open; stop ${service.url}`);
      return told(session, app, known, extent, takingThere(session, service, app, id), sayLeft);
    });
  const known = await requireKnown(session, id);
  if (known.state.registration.distillation && extent.atOnce !== undefined)
    throw new BadInput(
      `--at-once ${extent.atOnce}: students are made seed after seed, each with all threads; leave it out`,
    );
  if (known.state.registration.distillation) return distil(session, known, extent);
  return session.write((app) => told(session, app, known, extent, takingHere(session, app, id)));
};

const conclude = async (session: Session, id: string): Promise<void> => {
  const tell = (known: KnownExperiment): void => {
    sayConclusions(session.screen, known.state);
    session.screen.title('What to do next');
    session.suggest('all of it with figures, in one file', `experiment report ${id} --to report-${id}`);
    session.screen.document(documentOf(known));
  };
  const service = await session.service();
  if (service)
    return session.readAt(service, async ({ log }) => {
      await findExperiment(log, id);
      await session.command(service, `/v1/experiments/${encodeURIComponent(id)}/looks`, {});
      tell(await findExperiment(log, id));
    });
  await requireKnown(session, id);
  return session.write(async (app) => {
    const { ConcludeExperiment } = await import('#experiment/conclude-experiment.js');
    const { requester } = session.surroundings;
    tell(await app.send(new ConcludeExperiment(id, { requester })));
  });
};

const MOST_AT_ONCE = 64;
const A_WEEK_IN_MINUTES = 10_080;

export const registerExperimentRun = (experiment: Command, session: Session): void => {
  experiment
    .command('run')
    .argument('<id>', 'name of the experiment')
    .description('make its runs, seed after seed; Ctrl-C stops at a step boundary, the same command goes on')
    .option(
      '--at-once <n>',
      'runs made side by side; changes no bit of them (default: as many as there are cores)',
      whole(1, MOST_AT_ONCE),
    )
    .option('--minutes <n>', 'stop at a step boundary after so long', whole(1, A_WEEK_IN_MINUTES))
    .action((id: string, extent: Extent) => run(session, id, extent));
  experiment
    .command('conclude')
    .argument('<id>', 'name of the experiment')
    .description('take its next look: every hypothesis is concluded by its registered rule')
    .action((id: string) => conclude(session, id));
};
