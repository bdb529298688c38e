import type { Command } from 'commander';
import { sightSentence } from '#constitution/domain/power.js';
import { reportedCurve, runFacts } from '#run/domain/run-facts.js';
import type { RunFile } from '#run/domain/run-file.js';
import type { HttpService } from '#store/http-service.js';
import type { Application } from './application.js';
import { sayCurve } from './curve.js';
import { INTERRUPTED } from './failures.js';
import { followTold, sayDetached } from './run-by-service.js';
import { changedFields, checkedRunFile, readFields, type Changes, type Fields } from './run-file.js';
import { advanceTold, sayHowToGoOn, type Advanced } from './run-story.js';
import type { Session } from './session.js';
import { sendLocalFiles, sendsText } from './uploads.js';

const several = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

/** Ends the telling of a run that went as far as it could; `sayOn` says how to go on after an interrupt. */
export const concludeRun = (
  session: Session,
  { run, interrupted }: Advanced,
  sayOn: (name: string) => void = (name) => sayHowToGoOn(session, name),
): void => {
  const { screen } = session;
  const name = run.config.run;
  if (interrupted) {
    session.code = INTERRUPTED;
    sayOn(name);
  } else if (run.status === 'completed') {
    sayCurve(screen, run);
    screen.title('What to do next');
    const judged = run.cycles.find(({ verdict }) => verdict)?.cycle;
    if (judged !== undefined)
      session.suggest(`why cycle ${judged} ended as it did`, `verdict explain ${name} ${judged}`);
    else session.suggest('every cycle in one table', `run show ${name}`);
    session.suggest('recompute every record, artifact and verdict', 'verify');
    session.suggest('train it all again and compare', `replay ${name}`);
  }
  screen.document({ ...runFacts(run), interrupted, report: reportedCurve(run) });
};

/** Tells a run that a service goes on with to its end. `known`: what happened so far. */
export const concludeFollowed = async (
  session: Session,
  service: HttpService,
  app: Application,
  name: string,
  known = false,
): Promise<void> => {
  const advanced = await followTold(session, app, name, known);
  concludeRun(session, advanced, () => sayDetached(session, service, name));
};

type Begun = Readonly<{ run: string; sight: string }>;

/** A text that is sent has its name for ever, so what the service would refuse is found out before. */
const checkBeforeSending = async (session: Session, service: HttpService, file: RunFile): Promise<void> => {
  if (!sendsText(file)) return;
  session.screen.progress.working('reading the text and what the service has');
  const { planRun } = await import('#loop/prepare-run.js');
  await session.readAt(service, ({ ports }) => planRun(ports, file));
};

const startByService = async (
  session: Session,
  service: HttpService,
  file: Fields,
  checked: RunFile,
): Promise<void> => {
  const { screen } = session;
  await checkBeforeSending(session, service, checked);
  const sent = await sendLocalFiles(session, service, file, checked);
  screen.progress.working('the service reads the text and seals the suites');
  const { run, sight } = await session.command<Begun>(service, '/v1/runs', sent);
  screen.paragraph(sight);
  screen.say('');
  await session.readAt(service, (app) => concludeFollowed(session, service, app, run));
};

const start = async (session: Session, path: string, changes: Changes): Promise<void> => {
  const { screen, surroundings } = session;
  const file = changedFields(await readFields(path), changes);
  // A file that cannot be right leaves no trace in the data folder.
  const checked = checkedRunFile(file);
  const service = await session.service();
  if (service) return startByService(session, service, file, checked);
  const { StartRun } = await import('#loop/start-run.js');
  await session.write(async (app) => {
    screen.progress.working('reading the text and sealing the suites');
    const { data, sight } = await app.send(new StartRun(file, { requester: surroundings.requester }, 'local files'));
    screen.paragraph(sightSentence(sight));
    screen.say('');
    const { run: name } = data.config;
    const advanced = await advanceTold(session, app, name).catch((error: unknown) => {
      // It has begun, and what failed may not fail the next time.
      sayHowToGoOn(session, name);
      throw error;
    });
    concludeRun(session, advanced);
  });
};

export const registerRunStart = (run: Command, session: Session): void => {
  run
    .command('start')
    .argument('<file>', 'a run file, YAML or JSON; `run init` writes one')
    .description('start a run and take it to its end; Ctrl-C stops it at a step boundary, a service goes on with it')
    .option('--corpus <name=path>', 'text of your own: a file or a folder; may be repeated', several)
    .option('--base <folder>', 'begin from a checkpoint: a folder with model.safetensors, or the file')
    .option('--set <key=value>', 'change a field of the file, such as base.steps=300; may be repeated', several)
    .action((file: string, changes: Changes) => start(session, file, changes));
};
