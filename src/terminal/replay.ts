import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { ReplayOutcome } from '#audit/domain/audit.js';
import { bisectRun, type Bisected } from '#audit/bisect-run.js';
import { replayRun, type Replayed } from '#audit/replay-run.js';
import { runDigest } from '#ledger/digest.js';
import { findRun } from '#run/find-run.js';
import type { Application } from './application.js';
import { cycleNumber } from './cycle-show.js';
import { BadInput } from './failures.js';
import { wrap } from './format.js';
import type { Screen } from './screen.js';
import type { Session } from './session.js';

/** Trains and judges again from the log alone; what the loop hears meanwhile is shown as done "again". */
export const replayTold = async (app: Application, run: string, cycle?: number): Promise<Replayed> => {
  await findRun(app.log, run);
  app.listener.again = true;
  return replayRun(app.ports, run, app.scratch(), { cycle });
};

/** `baseTrained`: it is among what was replayed; a base that was given is not. */
export const sayReplayed = (
  screen: Screen,
  { cycles, matched, events, runDigest, divergence, taken }: Replayed,
  baseTrained = true,
): void => {
  const base = runDigest && baseTrained ? ', the base counted as one' : '';
  if (cycles === 0) screen.say('  cycles      none yet');
  else screen.say(`  cycles      ${matched} of ${cycles} came out the same${base}`);
  screen.say(`  outcomes    ${events} compared, event by event`);
  if (runDigest) {
    screen.say(`  recorded    ${runDigest.recorded}`);
    screen.say(`  replayed    ${runDigest.replayed}`);
  }
  for (const cycle of taken)
    screen.say(`  cycle ${cycle}     not bit-replayable: its candidate is taken from the record`);
  if (!divergence) {
    const weights = taken.length > 0 ? 'of all weights that can be trained again' : 'of the weights';
    screen.say(screen.tint('good', `The replay is equal to the record, to the last bit ${weights}.`));
    return;
  }
  const { cycle, type, revision, field, recorded, replayed, step, tensor } = divergence;
  screen.say(
    screen.tint('bad', `The replay DIFFERS in cycle ${cycle}: ${type} (revision ${revision}), field ${field}`),
  );
  screen.paragraph(recorded, '  recorded    ');
  screen.paragraph(replayed, '  replayed    ');
  if (step !== undefined) screen.say(`  first training step that differs  ${step}`);
  if (tensor !== undefined) screen.say(`  first tensor that differs         ${tensor}`);
};

type Options = Readonly<{ cycle?: number; record?: boolean; bisect?: boolean; states?: string }>;

/** Checks read only; this appends what one of them found. */
const record = (session: Session, outcome: ReplayOutcome, elapsedMs: number): Promise<void> =>
  session.write(async (app) => {
    const { RecordReplay } = await import('#audit/record-replay.js');
    await app.send(new RecordReplay(outcome, elapsedMs, { requester: session.surroundings.requester }));
    session.screen.say('The result is recorded in the log.');
  });

const sayBisected = (screen: Screen, { equal, sentence, updates }: Bisected): void => {
  for (const update of updates) {
    if (update.equal === false) continue;
    screen.paragraph(update.sentence, `  ${(update.cycle === 0 ? 'base' : `cycle ${update.cycle}`).padEnd(12)}`);
  }
  screen.say(...wrap(`${sentence}.`, screen.columns).map((line) => screen.tint(equal ? 'good' : 'bad', line)));
};

/** The training alone: where it first departs from what is recorded. */
const bisect = async (session: Session, name: string, options: Options): Promise<void> => {
  const { screen } = session;
  const { cycle, states: file } = options;
  if (options.record) throw new BadInput('--record: only a whole replay is recorded; leave out --bisect');
  if (file !== undefined && cycle === undefined)
    throw new BadInput(`--states ${file}: states are of one training; name its cycle with --cycle`);
  const states = file === undefined ? undefined : await readFile(file);
  const bisected = await session.read(async ({ log, artifacts, trainer, listener }) => {
    const { run } = await findRun(log, name);
    listener.again = true;
    return bisectRun({ artifacts, trainer }, run, {
      cycle,
      states,
      onProgress: (trained, progress) => listener.training(name, trained, progress),
    });
  });
  sayBisected(screen, bisected);
  if (!bisected.equal) session.failCheck();
  screen.document(bisected);
};

const replay = async (session: Session, name: string, options: Options): Promise<void> => {
  const { cycle, record: recorded } = options;
  if (options.bisect) return bisect(session, name, options);
  if (options.states !== undefined) throw new BadInput(`--states ${options.states}: only --bisect reads it`);
  const { screen } = session;
  if (recorded) await session.requireWriting('--record');
  const { replayed, run, digest, elapsedMs } = await session.read(async (app) => {
    const begun = app.ports.ledger.clock.elapsedMs();
    const found = await replayTold(app, name, cycle);
    const { run: recordedRun, records } = await findRun(app.log, name);
    return {
      replayed: found,
      run: recordedRun,
      digest: runDigest(records),
      elapsedMs: app.ports.ledger.clock.elapsedMs() - begun,
    };
  });
  screen.say(`Replayed ${cycle === undefined ? '' : `cycle ${cycle} of `}run ${name} in a scratch store`);
  sayReplayed(screen, replayed, run.config.base.kind === 'train');
  if (replayed.divergence) session.failCheck();
  if (recorded) await record(session, { ...replayed, cycle: cycle ?? null, runDigest: digest }, elapsedMs);
  screen.document(replayed);
};

export const registerReplay = (program: Command, session: Session): void => {
  program
    .command('replay')
    .argument('<run>', 'its name')
    .description('train and judge a run again from the log alone and compare; exit 1 when anything differs')
    .option('--cycle <n>', 'this cycle only; 0 is the training of the base', cycleNumber)
    .option('--bisect', 'train only, compare step by step, and name the first step, batch or tensor that differs')
    .option('--states <file>', 'with --bisect: states at more steps of that cycle, from `trainer states`')
    .option('--record', 'append the result to the log')
    .action((name: string, options: Options) => replay(session, name, options));
};
