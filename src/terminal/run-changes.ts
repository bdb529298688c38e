import type { Command } from 'commander';
import { Refused } from '#ledger/decider.js';
import { resolveCheckpoint } from '#run/domain/resolve-checkpoint.js';
import { runFacts } from '#run/domain/run-facts.js';
import { findRun } from '#run/find-run.js';
import { short } from './format.js';
import { followRun, offeringService, reachService, type Reached, type Reaching } from './run-by-service.js';
import { concludeFollowed, concludeRun } from './run-start.js';
import { advanceTold, RunStory } from './run-story.js';
import type { Session } from './session.js';

type Rollback = Readonly<{ to: string; reason: string }> & Reaching;
type Change = Readonly<{ reason: string }> & Reaching;

const pathOf = (name: string, what: string): string => `/v1/runs/${encodeURIComponent(name)}/${what}`;

const sayRolledBack = (
  session: Session,
  name: string,
  from: string | undefined,
  to: string,
  verified: boolean,
): void => {
  if (!verified) session.failCheck();
  session.screen.say('', `The champion of run ${name} is now ${short(to)}.`);
  session.screen.document({ run: name, from, to, verified });
};

/** What is called the checkpoint here is looked up in the log beside the service; elsewhere its whole hash is needed. */
const rollBackByService = async (
  session: Session,
  { client, local }: Reached,
  name: string,
  { to, reason }: Rollback,
): Promise<void> => {
  const run = local ? await session.read(async ({ log }) => (await findRun(log, name)).run) : undefined;
  const checkpoint = run ? resolveCheckpoint(run, to) : to;
  const body = { to: checkpoint, reason };
  const { verified } = await client.ask<{ verified: boolean }>('POST', pathOf(name, 'rollback'), body);
  sayRolledBack(session, name, run?.champion, checkpoint, verified);
};

const rollBack = async (session: Session, name: string, options: Rollback): Promise<void> => {
  const { to, reason } = options;
  const reached = await reachService(session, options);
  if (reached) return rollBackByService(session, reached, name, options);
  return session.write(async (app) => {
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
    sayRolledBack(session, name, run.champion, checkpoint, verified);
  });
};

const sayHalted = (session: Session, name: string): void =>
  session.screen.say(`Run ${name} is halted. To go on:`, `  ${session.commandLine(`run resume ${name}`)}`);

const halt = async (session: Session, name: string, { reason, ...reaching }: Change): Promise<void> => {
  const reached = await reachService(session, reaching);
  if (reached) {
    const halted = await reached.client.ask('POST', pathOf(name, 'halt'), { reason });
    sayHalted(session, name);
    session.screen.document(halted);
    return;
  }
  await session.write(async (app) => {
    await findRun(app.log, name);
    const { HaltRun } = await import('#run/halt-run.js');
    await app.send(new HaltRun(name, reason, { requester: session.surroundings.requester }));
    sayHalted(session, name);
    session.screen.document(runFacts((await findRun(app.log, name)).run));
  });
};

/** A run that is not halted goes on by itself where a service is. */
const resumeByService = async (
  session: Session,
  { client, local }: Reached,
  name: string,
  reason: string,
): Promise<void> => {
  const run = local ? await session.read(async ({ log }) => (await findRun(log, name)).run) : undefined;
  if (run?.status !== 'running') await client.ask('POST', pathOf(name, 'resume'), { reason });
  session.screen.say(`Run ${name} goes on.`);
  if (local) concludeFollowed(session, await followRun(session, name, { silently: true }));
  else session.screen.document({ run: name, url: client.url });
};

/** A halted run is released by an event; one that was interrupted just goes on, be it in verifying a rollback. */
const resume = async (session: Session, name: string, { reason, ...reaching }: Change): Promise<void> => {
  const reached = await reachService(session, reaching);
  if (reached) return resumeByService(session, reached, name, reason);
  return session.write(async (app) => {
    const { run } = await findRun(app.log, name);
    if (run.status === 'completed' && run.unverifiedRollback === undefined)
      throw new Refused(`run ${name} is completed; there is nothing to go on with`);
    const { ResumeRun } = await import('#run/resume-run.js');
    if (run.status === 'halted')
      await app.send(new ResumeRun(name, reason, { requester: session.surroundings.requester }));
    session.screen.say(`Run ${name} goes on.`);
    concludeRun(session, await advanceTold(session, app, name, true));
  });
};

export const registerRunChanges = (run: Command, session: Session): void => {
  offeringService(run.command('rollback'))
    .argument('<run>', 'its name')
    .description('make an accepted checkpoint the champion again; it is re-hashed and probed again')
    .requiredOption('--to <checkpoint>', 'a cycle number (0: the anchor) or the beginning of a hash')
    .requiredOption('--reason <text>', 'why; kept in the log')
    .action((name: string, options: Rollback) => rollBack(session, name, options));
  offeringService(run.command('halt'))
    .argument('<run>', 'its name')
    .description('stop a run that nobody is working on until it is resumed')
    .requiredOption('--reason <text>', 'why; kept in the log')
    .action((name: string, options: Change) => halt(session, name, options));
  offeringService(run.command('resume'))
    .argument('<run>', 'its name')
    .description('go on with a run that was halted or interrupted')
    .option('--reason <text>', 'why; kept in the log when the run was halted', 'resumed from the command line')
    .action((name: string, options: Change) => resume(session, name, options));
};
