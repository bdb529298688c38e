import type { Command } from 'commander';
import { ANCHOR, looksOf, sesoiOf, type Hypothesis, type Registration } from '#experiment/domain/registration.js';
import { experimentJsonSchema } from '#experiment/domain/json-schema.js';
import {
  beginnings,
  findExperiment,
  knownExperiments,
  type Beginning,
  type KnownExperiment,
} from '#experiment/known-experiments.js';
import { day, moment, typed } from './format.js';
import { readFields } from './run-file.js';
import type { Session } from './session.js';

const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

const send = (session: Session, fields: object, reason?: string): Promise<KnownExperiment> =>
  session.write(async (app) => {
    const { RegisterExperiment } = await import('#experiment/register-experiment.js');
    const { requester } = session.surroundings;
    return app.send(new RegisterExperiment(fields, { requester }, reason));
  });

/** What --json answers of an experiment. */
const documentOf = ({ state, leaf, since, by, planned }: KnownExperiment): object => ({
  ...state,
  since,
  by,
  leaf,
  planned,
});

const register = async (session: Session, path: string, reason?: string): Promise<void> => {
  const known = await send(session, await readFields(path), reason);
  const { screen } = session;
  const { experiment, arms, seeds, hypotheses } = known.state.registration;
  const what = reason === undefined ? 'is registered' : `is amended, now version ${known.state.version}`;
  const extent = `${count(arms.length, 'arm')} of ${count(seeds, 'seed')}, ${hypotheses.length === 1 ? '1 hypothesis' : `${hypotheses.length} hypotheses`}`;
  screen.paragraph(`Experiment ${experiment} ${what}: ${extent}. Its seeds follow from the hash of that record.`);
  screen.title('What to do next');
  session.suggest('the whole of it', `experiment show ${typed(experiment)}`);
  screen.document(documentOf(known));
};

const list = (session: Session): Promise<void> =>
  session.read(async ({ log }) => {
    const known = await knownExperiments(log);
    const begun = new Set((await beginnings(log)).map(({ data }) => data.config.run));
    const { screen } = session;
    if (known.length === 0) screen.say(`No experiment is registered in ${session.where} yet.`);
    else
      screen.table({
        head: ['experiment', 'since', 'by', 'runs begun', 'question'],
        rows: known.map(({ state, since, by, planned }) => {
          const { experiment, question } = state.registration;
          const runs = `${planned.filter(({ run }) => begun.has(run)).length} of ${planned.length}`;
          return [experiment, day(since), by, runs, question];
        }),
        flexible: 4,
        right: [],
      });
    screen.document(known.map(documentOf));
  });

const EXPECTED = { superior: 'better than', equivalent: 'no different from', inferior: 'worse than' } as const;

/** "conservative is better than its anchor in capability: ...". */
const claimOf = (registration: Registration, hypothesis: Hypothesis): string => {
  const { arm, against, metric, expects, reads, test } = hypothesis;
  const other = against === ANCHOR ? 'its anchor' : against;
  const unit = metric === 'capability' ? 'points' : '% of the anchor';
  const size = `${sesoiOf(registration, hypothesis)} ${unit}`;
  return `${arm} (${reads}) is ${EXPECTED[expects]} ${other} in ${metric}, of interest from ${size} on, by ${test}`;
};

/** Runs that began before the registration on the same general text: what whoever registered it may have seen. */
const seenBefore = ({ state, position }: KnownExperiment, all: readonly Beginning[]): readonly string[] => {
  const general = String(state.registration.run['general'] ?? 'english');
  return all.flatMap(({ position: at, data }) =>
    at < position && data.config.general === general ? [data.config.run] : [],
  );
};

const sayRegistration = (session: Session, known: KnownExperiment): void => {
  const { screen } = session;
  const { state, leaf, since, by } = known;
  const { registration, version } = state;
  const { experiment, question, arms, seeds, cycles, alpha, hypotheses, predictions } = registration;
  screen.paragraph(`${screen.tint('bold', `Experiment ${experiment}`)}: ${question}`);
  screen.say(`  registered    ${moment(since)} by ${by}${version > 1 ? `, amended, version ${version}` : ''}`);
  screen.say(`  leaf          ${leaf}`);
  screen.say(`  runs          ${count(arms.length, 'arm')} x ${count(seeds, 'seed')} x ${count(cycles, 'cycle')}`);
  screen.say(`  alpha         ${alpha}, looks after ${looksOf(registration).join(', ')} seeds`);
  for (const { arm, changes } of arms)
    screen.paragraph(Object.keys(changes).length === 0 ? 'as it is' : JSON.stringify(changes), `  arm ${arm}  `);
  screen.title('Hypotheses');
  for (const hypothesis of hypotheses) {
    screen.paragraph(hypothesis.claim, `  ${hypothesis.hypothesis}  `);
    screen.paragraph(claimOf(registration, hypothesis), '    ');
  }
  for (const { by: who, hypothesis, outcome, probability } of predictions)
    screen.paragraph(`${who}: ${outcome} with probability ${probability}`, `  prediction of ${hypothesis}  `);
};

const show = (session: Session, id: string): Promise<void> =>
  session.read(async ({ log }) => {
    const known = await findExperiment(log, id);
    const all = await beginnings(log);
    sayRegistration(session, known);
    const begun = new Set(all.map(({ data }) => data.config.run));
    const runs = known.planned.map((one) => ({ ...one, begun: begun.has(one.run) }));
    const earlier = seenBefore(known, all);
    const { screen } = session;
    screen.title('Runs');
    screen.table({
      head: ['run', 'arm', 'seed', 'begun'],
      rows: runs.map(({ run, arm, seed, begun }) => [run, arm, String(seed), begun ? 'yes' : 'no']),
      flexible: 0,
      right: [2],
    });
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
