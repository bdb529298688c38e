import type { Command } from 'commander';
import { sightSentence } from '#constitution/domain/power.js';
import { reportedCurve, runFacts } from '#run/domain/run-facts.js';
import { sayCurve } from './curve.js';
import { INTERRUPTED } from './failures.js';
import {
  followRun,
  offeringService,
  reachService,
  withFullPaths,
  type Reached,
  type Reaching,
} from './run-by-service.js';
import { changedFields, checkedRunFile, readFields, type Changes } from './run-file.js';
import { advanceTold, sayHowToGoOn, type Advanced } from './run-story.js';
import type { Session } from './session.js';

const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Ends the telling of a run that went as far as it could. */
export const concludeRun = (session: Session, { run, interrupted }: Advanced): void => {
  const { screen } = session;
  const name = run.config.run;
  if (interrupted) {
    session.code = INTERRUPTED;
    sayHowToGoOn(session, name);
  } else if (run.status === 'completed') {
    sayCurve(screen, run);
    screen.title('What to do next');
    session.suggest('why cycle 1 ended as it did', `verdict explain ${name} 1`);
    session.suggest('recompute every record, artifact and verdict', 'verify');
    session.suggest('train it all again and compare', `replay ${name}`);
  }
  screen.document({ ...runFacts(run), interrupted, report: reportedCurve(run) });
};

/** What a run came to that a service took there. */
export const concludeFollowed = (session: Session, { run, interrupted }: Advanced): void => {
  if (run.status === 'completed') concludeRun(session, { run, interrupted: false });
  else session.screen.document({ ...runFacts(run), interrupted, report: reportedCurve(run) });
};

const startByService = async (session: Session, { client, local }: Reached, file: object): Promise<void> => {
  const { screen } = session;
  screen.progress.working('the service reads the text and seals the suites');
  const { run, sight } = await client.ask<{ run: string; sight: string }>('POST', '/v1/runs', file);
  screen.paragraph(sight);
  screen.say('');
  if (local) concludeFollowed(session, await followRun(session, run, { silently: false }));
  else {
    screen.say(`Run ${run} goes on by itself at ${client.url}.`);
    screen.document({ run, url: client.url });
  }
};

const start = async (session: Session, path: string, changes: Changes & Reaching): Promise<void> => {
  const { screen, surroundings } = session;
  const file = changedFields(await readFields(path), changes);
  // A file that cannot be right leaves no trace in the data folder.
  checkedRunFile(file);
  const reached = await reachService(session, changes);
  if (reached) return startByService(session, reached, reached.local ? withFullPaths(file) : file);
  const { StartRun } = await import('#loop/start-run.js');
  await session.write(async (app) => {
    screen.progress.working('reading the text and sealing the suites');
    const { data, sight } = await app.send(new StartRun(file, { requester: surroundings.requester }, 'local files'));
    screen.paragraph(sightSentence(sight));
    screen.say('');
    concludeRun(session, await advanceTold(session, app, data.config.run));
  });
};

export const registerRunStart = (run: Command, session: Session): void => {
  offeringService(run.command('start'))
    .argument('<file>', 'a run file, YAML or JSON; `run init` writes one')
    .description('start a run and take it to its end; Ctrl-C stops it at a step boundary')
    .option('--corpus <name=path>', 'text of your own: a file or a folder; may be repeated', several)
    .option('--base <folder>', 'begin from a checkpoint: a folder with model.safetensors, or the file')
    .option('--set <key=value>', 'change a field of the file, such as base.steps=300; may be repeated', several)
    .action((file: string, changes: Changes & Reaching) => start(session, file, changes));
};
