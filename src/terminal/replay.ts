import type { Command } from 'commander';
import { replayRun, type Replayed } from '#audit/replay-run.js';
import type { Application } from './application.js';
import { cycleNumber } from './cycle-show.js';
import { findRun } from './find-run.js';
import type { Screen } from './screen.js';
import type { Session } from './session.js';

/** Trains and judges again from the log alone; what the loop hears meanwhile is shown as done "again". */
export const replayTold = async (app: Application, run: string, cycle?: number): Promise<Replayed> => {
  await findRun(app.log, run);
  app.listener.again = true;
  return replayRun(app.ports, run, app.scratch(), { cycle });
};

export const sayReplayed = (screen: Screen, { cycles, matched, events, runDigest, divergence }: Replayed): void => {
  const base = runDigest ? ', the base counted as one' : '';
  screen.say(`  cycles      ${matched} of ${cycles} came out the same${base}`);
  screen.say(`  outcomes    ${events} compared, event by event`);
  if (runDigest) {
    screen.say(`  recorded    ${runDigest.recorded}`);
    screen.say(`  replayed    ${runDigest.replayed}`);
  }
  if (!divergence) {
    screen.say(screen.tint('good', 'The replay is equal to the record, to the last bit of the weights.'));
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

const replay = (session: Session, name: string, { cycle }: Readonly<{ cycle?: number }>): Promise<void> =>
  session.read(async (app) => {
    const replayed = await replayTold(app, name, cycle);
    const { screen } = session;
    screen.say(`Replayed ${cycle === undefined ? '' : `cycle ${cycle} of `}run ${name} in a scratch store`);
    sayReplayed(screen, replayed);
    if (replayed.divergence) session.failCheck();
    screen.document(replayed);
  });

export const registerReplay = (program: Command, session: Session): void => {
  program
    .command('replay')
    .argument('<run>', 'its name')
    .description('train and judge a run again from the log alone and compare; exit 1 when anything differs')
    .option('--cycle <n>', 'this cycle only; 0 is the training of the base', cycleNumber)
    .action((name: string, options: { cycle?: number }) => replay(session, name, options));
};
