import type { Command } from 'commander';
import { experimentJsonSchema } from '#experiment/domain/json-schema.js';
import { isAtRest as isConcluded } from '#distillation/domain/distillation.js';
import { knownDistillations } from '#distillation/known-distillations.js';
import { eachOnce, type PlannedRun } from '#experiment/domain/planned-runs.js';
import { findExperiment, knownExperiments, type KnownExperiment } from '#experiment/known-experiments.js';
import type { Log } from '#ledger/log.js';
import { runStream } from '#run/domain/run.js';
import { runOf } from './experiment-runs.js';
import { counted, documentOf, sayConclusions, sayRegistration } from './experiment-words.js';
import { day, typed } from './format.js';
import { readFields } from './run-file.js';
import type { Session } from './session.js';

const NOT_BEGUN = 'not begun';

/** What was registered: by the service there is, else by this process. */
const send = async (session: Session, fields: object, reason?: string): Promise<KnownExperiment> => {
  const service = await session.service();
  if (!service) return sendHere(session, fields, reason);
  const id = String((fields as { experiment?: unknown }).experiment);
  const [path, body] =
    reason === undefined
      ? ['/v1/experiments', fields]
      : [`/v1/experiments/${encodeURIComponent(id)}/amendments`, { registration: fields, reason }];
  await session.command(service, path, body);
  return session.readAt(service, ({ log }) => findExperiment(log, id));
};

const sendHere = (session: Session, fields: object, reason?: string): Promise<KnownExperiment> =>
  session.write(async (app) => {
    const { RegisterExperiment } = await import('#experiment/register-experiment.js');
    const { requester } = session.surroundings;
    return app.send(new RegisterExperiment(fields, { requester }, reason));
  });

const register = async (session: Session, path: string, reason?: string): Promise<void> => {
  const fields = await readFields(path);
  const { parseRegistration } = await import('#experiment/parse-registration.js');
  // A file that cannot be right leaves no trace in the data folder.
  parseRegistration(fields);
  const known = await send(session, fields, reason);
  const { screen } = session;
  const { experiment, arms, seeds, hypotheses } = known.state.registration;
  const what = reason === undefined ? 'is registered' : `is amended, now version ${known.state.version}`;
  const extent = `${counted(arms.length, 'arm')} of ${counted(seeds, 'seed')}, hypotheses: ${hypotheses.length}`;
  screen.paragraph(`Experiment ${experiment} ${what}: ${extent}. Its seeds follow from the hash of that record.`);
  screen.title('What to do next');
  session.suggest('the whole of it', `experiment show ${typed(experiment)}`);
  session.suggest('make its runs', `experiment run ${typed(experiment)}`);
  screen.document(documentOf(known));
};

/** Names of the runs and distillations that are completed. */
const completedNames = async (log: Log): Promise<ReadonlySet<string>> => {
  const names = new Set<string>();
  for await (const { record } of log.readAll({ types: ['RunCompleted'] }))
    names.add(record.stream.slice(runStream.name.length + 1));
  for (const one of await knownDistillations(log)) if (isConcluded(one)) names.add(one.config.distillation);
  return names;
};

/** "3 of 8"; a dash where there is none. */
const completedOf = (planned: readonly PlannedRun[], completed: ReadonlySet<string>): string =>
  planned.length === 0 ? '–' : `${planned.filter(({ run }) => completed.has(run)).length} of ${planned.length}`;

const list = (session: Session): Promise<void> =>
  session.read(async ({ log }) => {
    const known = await knownExperiments(log);
    const completed = await completedNames(log);
    const { screen } = session;
    if (known.length === 0) screen.say(`No experiment is registered in ${session.where} yet.`);
    else
      screen.table({
        head: ['experiment', 'since', 'by', 'completed', 'shared', 'question'],
        rows: known.map(({ state, since, by, planned }) => {
          const { experiment, question } = state.registration;
          const runs = eachOnce(planned);
          const own = runs.filter(({ of }) => of.experiment === experiment);
          const shared = runs.filter(({ of }) => of.experiment !== experiment);
          return [experiment, day(since), by, completedOf(own, completed), completedOf(shared, completed), question];
        }),
        flexible: 5,
        right: [],
      });
    screen.document(known.map(documentOf));
  });

/** Of each planned run, or of the distillation that a student is of. */
const statusesOf = async (log: Log, { planned }: KnownExperiment): Promise<readonly string[]> => {
  const distillations = new Map((await knownDistillations(log)).map((one) => [one.config.distillation, one]));
  return Promise.all(
    planned.map(async (one) => {
      const distillation = distillations.get(one.run);
      if (distillation) return isConcluded(distillation) ? 'completed' : 'running';
      const { status } = await runOf(log, one);
      return status === 'absent' ? NOT_BEGUN : status;
    }),
  );
};

const show = (session: Session, id: string): Promise<void> =>
  session.read(async ({ log }) => {
    const known = await findExperiment(log, id);
    sayRegistration(session.screen, known);
    const statuses = await statusesOf(log, known);
    const runs = known.planned.map((one, at) => {
      const status = statuses[at] ?? NOT_BEGUN;
      return { ...one, status, begun: status !== NOT_BEGUN };
    });
    const { earlierRuns } = await import('#report/read-told.js');
    const earlier = (await earlierRuns(log, known.position, known.state.registration)).map(({ name }) => name);
    const { screen } = session;
    screen.title('Runs');
    screen.table({
      head: ['run', 'arm', 'seed', 'status'],
      rows: runs.map(({ run, arm, seed, status, of }) => [
        run,
        of.experiment === id ? arm : `${arm}, of ${of.experiment}`,
        String(seed),
        status,
      ]),
      flexible: 0,
      right: [2],
    });
    sayConclusions(screen, known.state);
    if (earlier.length > 0) screen.paragraph(earlier.join(', '), '  earlier runs on the same text  ', 'warn');
    screen.document({ ...documentOf(known), runs, earlierRuns: earlier });
  });

const schema = (session: Session): void => {
  const document = experimentJsonSchema();
  if (!session.screen.json) session.screen.say(JSON.stringify(document, null, 2));
  session.screen.document(document);
};

export const registerExperimentCommands = (experiment: Command, session: Session): void => {
  const file = 'YAML or JSON; `experiment schema` says what is in it';
  experiment
    .command('register')
    .argument('<file>', file)
    .description('fix question, arms, seeds and hypotheses before the first run')
    .action((path: string) => register(session, path));
  experiment
    .command('amend')
    .argument('<file>', 'the whole new registration under its name')
    .description('another registration in the place of the first, as long as no run of it began')
    .requiredOption('--reason <text>', 'why; kept in the log')
    .action((path: string, { reason }: Readonly<{ reason: string }>) => register(session, path, reason));
  experiment
    .command('list')
    .description('every registered experiment')
    .action(() => list(session));
  experiment
    .command('show')
    .argument('<id>', 'name of the experiment')
    .description('what was registered, its runs, and the runs that there were before')
    .action((id: string) => show(session, id));
  experiment
    .command('schema')
    .description('the JSON Schema of a registration')
    .action(() => schema(session));
};
