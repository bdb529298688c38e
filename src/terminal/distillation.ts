import type { Command } from 'commander';
import { isAtRest, nextStep, type Begun } from '#distillation/domain/distillation.js';
import { documentOf } from '#distillation/domain/document.js';
import { findDistillation, knownDistillations } from '#distillation/known-distillations.js';
import { sayDistillation, stepWords } from './distillation-words.js';
import { BadInput, INTERRUPTED } from './failures.js';
import { readFields } from './run-file.js';
import type { Session } from './session.js';

const STEPS_OF_ARM = 3;

/** Steps that are done and that there are; none is left of a training that was aborted. */
export const stepsOf = (begun: Begun): Readonly<{ done: number; all: number }> => {
  const { config, teacher, students } = begun;
  const all = 1 + STEPS_OF_ARM * config.arms.length;
  if (isAtRest(begun)) return { done: all, all };
  const ofArms = Object.values(students).map(({ trained, aborted, alignment, transfer }) =>
    aborted ? STEPS_OF_ARM : [trained, alignment, transfer].filter(Boolean).length,
  );
  return { done: ofArms.reduce((sum, steps) => sum + steps, teacher ? 1 : 0), all };
};

const run = async (session: Session, path: string): Promise<void> => {
  session.requireFolder();
  const fields = await readFields(path);
  const { distillation: id } = fields;
  if (typeof id !== 'string')
    throw new BadInput(`${path}: distillation: a name is needed, such as "distillation: quick"`);
  const { parseDistillation } = await import('#distillation/parse-distillation.js');
  // A file that cannot be right leaves no trace in the data folder.
  const config = parseDistillation(fields);
  return session.write(async (app) => {
    const { screen, surroundings } = session;
    const { AdvanceDistillation } = await import('#distillation/advance-distillation.js');
    const { StartDistillation } = await import('#distillation/start-distillation.js');
    const known = (await knownDistillations(app.log)).find((one) => one.config.distillation === id);
    screen.progress.working('reading the text and drawing the sequences');
    if (!known) await app.send(new StartDistillation(fields, { requester: surroundings.requester }));
    else {
      const { canonicalJson } = await import('#ledger/record.js');
      if (canonicalJson(known.config) !== canonicalJson(config))
        throw new BadInput(`${path}: distillation "${id}" began with other settings; give this one another name`);
      const { done, all } = stepsOf(known);
      screen.say(`${done} of ${all} steps are done already.`);
    }
    const stop = new AbortController();
    const unlisten = surroundings.onInterrupt(() => {
      screen.say('', 'Stopping …');
      stop.abort();
    });
    const begun = await app.send(new AdvanceDistillation(id, stop.signal)).finally(unlisten);
    if (!isAtRest(begun)) {
      session.code = INTERRUPTED;
      const { done, all } = stepsOf(begun);
      screen.say('', `Stopped after ${done} of ${all} steps; nothing is lost. The same command goes on.`);
    } else sayDistillation(screen, begun);
    screen.document(documentOf(begun));
  });
};

const list = (session: Session): Promise<void> =>
  session.read(async ({ log }) => {
    const known = await knownDistillations(log);
    const { screen } = session;
    if (known.length === 0) screen.say(`No distillation began in ${session.where} yet.`);
    else
      screen.table({
        head: ['distillation', 'experiment', 'seed', 'steps', 'arms'],
        rows: known.map((begun) => {
          const { config, experiment } = begun;
          const { done, all } = stepsOf(begun);
          const arms = config.arms.map(({ arm }) => arm).join(', ');
          return [config.distillation, experiment ?? 'none', String(config.seed), `${done} of ${all}`, arms];
        }),
        flexible: 4,
        right: [2],
      });
    screen.document(known.map(documentOf));
  });

const show = (session: Session, id: string): Promise<void> =>
  session.read(async ({ log }) => {
    const begun = await findDistillation(log, id);
    sayDistillation(session.screen, begun);
    const next = nextStep(begun);
    if (next.kind !== 'rest') session.screen.paragraph(stepWords(next), '  next  ', 'warn');
    session.screen.document(documentOf(begun));
  });

const replay = (session: Session, id: string): Promise<void> =>
  session.read(async (app) => {
    const { DistillationPorts } = await import('#distillation/ports.js');
    const { replayDistillation } = await import('#distillation/replay-distillation.js');
    const { screen } = session;
    const { ledger, artifacts } = app.scratch();
    app.listener.again = true;
    const ports = new DistillationPorts(ledger, artifacts, app.trainer, app.ports.primary, app.listener);
    const replayed = await replayDistillation(app.log, ports, id);
    const { matched, events, divergence } = replayed;
    screen.say(`${matched} of ${events} events of distillation ${id} come out the same, to the last bit.`);
    if (divergence) {
      const { revision, type, field, recorded, found } = divergence;
      screen.paragraph(`${type} at revision ${revision}: ${field} is ${found}, recorded is ${recorded}`, '  ✗ ', 'bad');
      session.failCheck();
    }
    screen.document(replayed);
  });

export const registerDistillation = (program: Command, session: Session): void => {
  const distillation = program
    .command('distillation')
    .description('teach students what a teacher says and thinks, with controls; alignment and transfer apart');
  distillation
    .command('run')
    .argument('<file>', 'YAML or JSON; docs/distillation.md says what is in it')
    .description('one seed of it, exploratory; Ctrl-C stops it, the same command goes on')
    .action((path: string) => run(session, path));
  distillation
    .command('list')
    .description('every distillation, of an experiment or exploratory')
    .action(() => list(session));
  distillation
    .command('show')
    .argument('<id>', 'name of the distillation')
    .description('its teacher, and what became of every arm')
    .action((id: string) => show(session, id));
  distillation
    .command('replay')
    .argument('<id>', 'name of the distillation')
    .description(
      'train teacher and students again from the log alone, and compare every event; exit 1 when one differs',
    )
    .action((id: string) => replay(session, id));
};
