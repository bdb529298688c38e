import type { Command } from 'commander';
import { Refused } from '#ledger/decider.js';
import { resolveCheckpoint } from '#run/domain/resolve-checkpoint.js';
import { runFacts } from '#run/domain/run-facts.js';
import { findRun } from '#run/find-run.js';
import { short } from './format.js';
import { concludeRun } from './run-start.js';
import { advanceTold, RunStory } from './run-story.js';
import type { Session } from './session.js';

type Rollback = Readonly<{ to: string; reason: string }>;

const rollBack = (session: Session, name: string, { to, reason }: Rollback): Promise<void> =>
  session.write(async (app) => {
    const { screen, surroundings } = session;
    const { run } = await findRun(app.log, name);
    const checkpoint = resolveCheckpoint(run, to);
    const story = new RunStory(app.log, name, screen);
    await story.catchUp({ silently: true });
    const { RollBackRun } = await import('#loop/roll-back-run.js');
    const { verified } = await app.send(
      new RollBackRun(name, checkpoint, reason, { requester: surroundings.requester }),
    );
    await story.catchUp();
    if (!verified) session.failCheck();
    screen.say('', `The champion of run ${name} is now ${short(checkpoint)}.`);
    screen.document({ run: name, from: run.champion, to: checkpoint, verified });
  });

const halt = (session: Session, name: string, { reason }: Readonly<{ reason: string }>): Promise<void> =>
  session.write(async (app) => {
    await findRun(app.log, name);
    const { HaltRun } = await import('#run/halt-run.js');
    await app.send(new HaltRun(name, reason, { requester: session.surroundings.requester }));
    session.screen.say(`Run ${name} is halted. To go on:`, `  ${session.commandLine(`run resume ${name}`)}`);
    session.screen.document(runFacts((await findRun(app.log, name)).run));
  });

/** A halted run is released by an event; one that was interrupted just goes on, be it in verifying a rollback. */
const resume = (session: Session, name: string, { reason }: Readonly<{ reason: string }>): Promise<void> =>
  session.write(async (app) => {
    const { run } = await findRun(app.log, name);
    if (run.status === 'completed' && run.unverifiedRollback === undefined)
      throw new Refused(`run ${name} is completed; there is nothing to go on with`);
    const { ResumeRun } = await import('#run/resume-run.js');
    if (run.status === 'halted')
      await app.send(new ResumeRun(name, reason, { requester: session.surroundings.requester }));
    session.screen.say(`Run ${name} goes on.`);
    concludeRun(session, await advanceTold(session, app, name, true));
  });

export const registerRunChanges = (run: Command, session: Session): void => {
  run
    .command('rollback')
    .argument('<run>', 'its name')
    .description('make an accepted checkpoint the champion again; it is re-hashed and probed again')
    .requiredOption('--to <checkpoint>', 'a cycle number (0: the anchor) or the beginning of a hash')
    .requiredOption('--reason <text>', 'why; kept in the log')
    .action((name: string, options: Rollback) => rollBack(session, name, options));
  run
    .command('halt')
    .argument('<run>', 'its name')
    .description('stop a run that nobody is working on until it is resumed')
    .requiredOption('--reason <text>', 'why; kept in the log')
    .action((name: string, options: { reason: string }) => halt(session, name, options));
  run
    .command('resume')
    .argument('<run>', 'its name')
    .description('go on with a run that was halted or interrupted')
    .option('--reason <text>', 'why; kept in the log when the run was halted', 'resumed from the command line')
    .action((name: string, options: { reason: string }) => resume(session, name, options));
};
