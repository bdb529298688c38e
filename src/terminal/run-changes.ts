import type { Command } from 'commander';
import { Refused } from '#ledger/decider.js';
import { resolveCheckpoint } from '#run/domain/resolve-checkpoint.js';
import { runFacts } from '#run/domain/run-facts.js';
import { findRun } from '#run/find-run.js';
import type { HttpService } from '#store/http-service.js';
import type { Application } from './application.js';
import { short } from './format.js';
import { concludeFollowed, concludeRun } from './run-start.js';
import { advanceTold, RunStory } from './run-story.js';
import type { Session } from './session.js';

type Rollback = Readonly<{ to: string; reason: string }>;
type Change = Readonly<{ reason: string }>;

const pathOf = (name: string, what: string): string => `/v1/runs/${encodeURIComponent(name)}/${what}`;

/**
 * Has a change of a run carried out: by the service there is, which this process then only reads, or by this process as
 * the writer of the folder.
 */
const change = async (
  session: Session,
  byService: (app: Application, service: HttpService) => Promise<void>,
  here: (app: Application) => Promise<void>,
): Promise<void> => {
  const service = await session.service();
  if (service) await session.readAt(service, (app) => byService(app, service));
  else await session.write(here);
};

type Verified = Readonly<{ verified: boolean }>;

const rollBack = (session: Session, name: string, { to, reason }: Rollback): Promise<void> => {
  const tell = async (app: Application, send: (checkpoint: string) => Promise<Verified>): Promise<void> => {
    const { run } = await findRun(app.log, name);
    const checkpoint = resolveCheckpoint(run, to);
    const story = new RunStory(app.log, name, session.screen);
    await story.catchUp({ silently: true });
    const { verified } = await send(checkpoint);
    await story.catchUp();
    if (!verified) session.failCheck();
    session.screen.say('', `The champion of run ${name} is now ${short(checkpoint)}.`);
    session.screen.document({ run: name, from: run.champion, to: checkpoint, verified });
  };
  return change(
    session,
    (app, service) =>
      tell(app, (checkpoint) => session.command(service, pathOf(name, 'rollback'), { to: checkpoint, reason })),
    (app) =>
      tell(app, async (checkpoint) => {
        const { RollBackRun } = await import('#loop/roll-back-run.js');
        return app.send(new RollBackRun(name, checkpoint, reason, { requester: session.surroundings.requester }));
      }),
  );
};

type Practised = Readonly<{ ancestor: string; equal: boolean }>;

/** Whether a rollback would work, found out while nothing depends on it. */
const drill = (session: Session, name: string, { reason }: Change): Promise<void> => {
  const tell = async (app: Application, send: () => Promise<Practised>): Promise<void> => {
    const { run } = await findRun(app.log, name);
    const story = new RunStory(app.log, name, session.screen);
    await story.catchUp({ silently: true });
    const { ancestor, equal } = await send();
    await story.catchUp();
    if (!equal) session.failCheck();
    const outcome = equal ? 'there and back, everything equal' : 'NOT equal to what was recorded';
    session.screen.say('', `Drill of run ${name}: ${outcome}.`);
    session.screen.document({ run: name, champion: run.champion, ancestor, equal });
  };
  return change(
    session,
    (app, service) => tell(app, () => session.command(service, pathOf(name, 'drill'), { reason })),
    (app) =>
      tell(app, async () => {
        const { DrillRun } = await import('#loop/drill-run.js');
        return app.send(new DrillRun(name, reason, { requester: session.surroundings.requester }));
      }),
  );
};

const halt = (session: Session, name: string, { reason }: Change): Promise<void> => {
  const tell = async ({ log }: Application, send: () => Promise<unknown>): Promise<void> => {
    await findRun(log, name);
    await send();
    session.screen.say(`Run ${name} is halted. To go on:`, `  ${session.commandLine(`run resume ${name}`)}`);
    session.screen.document(runFacts((await findRun(log, name)).run));
  };
  return change(
    session,
    (app, service) => tell(app, () => session.command(service, pathOf(name, 'halt'), { reason })),
    (app) =>
      tell(app, async () => {
        const { HaltRun } = await import('#run/halt-run.js');
        await app.send(new HaltRun(name, reason, { requester: session.surroundings.requester }));
      }),
  );
};

/** A halted run is released by an event; one that was interrupted just goes on, be it in verifying a rollback. */
const resume = (session: Session, name: string, { reason }: Change): Promise<void> => {
  const release = async ({ log }: Application, send: () => Promise<unknown>): Promise<void> => {
    const { run } = await findRun(log, name);
    if (run.status === 'completed' && run.unverifiedRollback === undefined && run.drilledFrom === undefined)
      throw new Refused(`run ${name} is completed; there is nothing to go on with`);
    if (run.status === 'halted') await send();
    session.screen.say(`Run ${name} goes on.`);
  };
  return change(
    session,
    async (app, service) => {
      await release(app, () => session.command(service, pathOf(name, 'resume'), { reason }));
      await concludeFollowed(session, service, app, name, true);
    },
    async (app) => {
      await release(app, async () => {
        const { ResumeRun } = await import('#run/resume-run.js');
        await app.send(new ResumeRun(name, reason, { requester: session.surroundings.requester }));
      });
      concludeRun(session, await advanceTold(session, app, name, true));
    },
  );
};

export const registerRunChanges = (run: Command, session: Session): void => {
  run
    .command('rollback')
    .argument('<run>', 'its name')
    .description('make an accepted checkpoint the champion again; it is re-hashed and probed again')
    .requiredOption('--to <checkpoint>', 'a cycle number (0: the anchor) or the beginning of a hash')
    .requiredOption('--reason <text>', 'why; kept in the log')
    .action((name: string, options: Rollback) => rollBack(session, name, options));
  run
    .command('drill')
    .argument('<run>', 'its name')
    .description(
      'practise a rollback of a run that rests: to the champion before and forward again, each re-hashed and probed again; exit 1 when not equal',
    )
    .option('--reason <text>', 'why; kept in the log', 'rollback drill')
    .action((name: string, options: Change) => drill(session, name, options));
  run
    .command('halt')
    .argument('<run>', 'its name')
    .description('stop a run that nobody is working on until it is resumed')
    .requiredOption('--reason <text>', 'why; kept in the log')
    .action((name: string, options: Change) => halt(session, name, options));
  run
    .command('resume')
    .argument('<run>', 'its name')
    .description('go on with a run that was halted or interrupted')
    .option('--reason <text>', 'why; kept in the log when the run was halted', 'resumed from the command line')
    .action((name: string, options: Change) => resume(session, name, options));
};
