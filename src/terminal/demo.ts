import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { Finding } from '#audit/domain/finding.js';
import { expectedFinding, type Forgery } from '#audit/domain/forgery.js';
import type { Replayed } from '#audit/replay-run.js';
import { sightSentence } from '#constitution/domain/power.js';
import { collect, streamName } from '#ledger/ledger.js';
import type { Recorded } from '#ledger/log.js';
import { runStream } from '#run/domain/run.js';
import { dataFolder } from '#store/data-folder.js';
import { copyDataFolder, tamper } from '#store/tamper.js';
import { sayCurve } from './curve.js';
import { clearDemoFolder, freeFolder } from './demo-folder.js';
import { DEMO_RUN, demoRunFile } from './demo-run.js';
import { demoSummary } from './demo-summary.js';
import { sayIntroduction, sayNextSteps } from './demo-words.js';
import { replayTold, sayReplayed } from './replay.js';
import { INTERRUPTED } from './failures.js';
import { advanceTold, sayHowToGoOn, type Advanced } from './run-story.js';
import { whole, type Session } from './session.js';
import { inWords, sayVerified } from './verified-words.js';
import { verifyAllTold, verifyFolderTold } from './verify.js';

type Options = Readonly<{ seed: number; quick?: boolean; keep?: boolean }>;
type Forged = Readonly<{ verdict: string; position: number; caught: Finding | undefined }>;

const folderOf = (session: Session, { seed, keep }: Options): string => {
  const folder = session.dataGiven ?? `./data/demo-seed${seed}`;
  return keep ? freeFolder(folder) : folder;
};

const runDemo = (session: Session, data: string, { seed, quick = false }: Options): Promise<Advanced> =>
  session.write(async (app) => {
    const { screen, surroundings } = session;
    const { StartRun } = await import('#loop/start-run.js');
    screen.progress.working('reading the text of the installed packages, sealing the suites');
    const { sight } = await app.send(new StartRun(demoRunFile(seed, quick), { requester: surroundings.requester }));
    screen.paragraph(sightSentence(sight), '  gate      ');
    screen.say('');
    return advanceTold(session, app, DEMO_RUN);
  }, data);

/** Flips one bit of the record of the last rejection, or of the last verdict, in a copy of the folder. */
const forge = async (session: Session, data: string): Promise<Forged> => {
  const verdicts: Recorded[] = [];
  await session.read(async ({ log }) => {
    for await (const recorded of log.readAll({ types: ['VerdictReached'] })) verdicts.push(recorded);
  }, data);
  const target = verdicts.findLast(({ record }) => record.data['verdict'] === 'REJECT') ?? verdicts.at(-1);
  const forgery: Forgery = { kind: 'flip byte', position: target?.position ?? 1 };
  const scratch = await mkdtemp(join(data, 'forged-'));
  try {
    const copy = await copyDataFolder(dataFolder(data), join(scratch, 'copy'));
    await tamper(copy, forgery);
    const { findings } = await verifyFolderTold(join(scratch, 'copy'), session.screen);
    const due = expectedFinding(forgery);
    const caught = findings.find(({ kind, position }) => kind === due.kind && position === due.position);
    return { verdict: String(target?.record.data['verdict']), position: forgery.position, caught };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

const sayForged = async (session: Session, data: string): Promise<boolean> => {
  const { screen } = session;
  screen.title('A forged copy of the log');
  const { verdict, position, caught } = await forge(session, data);
  screen.paragraph(
    `In a copy of the log one bit of the ${verdict} verdict, record ${position}, is flipped, and the store's checksum is forged to fit.`,
    '  forged    ',
  );
  if (caught) screen.paragraph(inWords(caught), '  caught    ');
  else screen.say(screen.tint('bad', '  NOT caught'));
  return caught !== undefined;
};

type Checks = Readonly<{ caught: boolean; verified: Awaited<ReturnType<typeof verifyAllTold>>; replayed: Replayed }>;

const check = async (session: Session, data: string): Promise<Checks> => {
  const { screen } = session;
  const caught = await sayForged(session, data);
  screen.title('Verification of the log itself');
  const verified = await verifyAllTold(session, data);
  sayVerified(screen, verified);
  screen.title('Replay: everything is trained and judged again from the log alone');
  const replayed = await session.read((app) => replayTold(app, DEMO_RUN), data);
  sayReplayed(screen, replayed);
  return { caught, verified, replayed };
};

const demo = async (session: Session, options: Options): Promise<void> => {
  session.requireFolder();
  const { screen } = session;
  const data = folderOf(session, options);
  const cleared = await clearDemoFolder(data);
  if (cleared) screen.paragraph(`The earlier demo in ${data} is removed; --keep would have kept it.`);
  sayIntroduction(screen, data, options);
  const { run, interrupted } = await runDemo(session, data, options);
  if (interrupted) {
    session.code = INTERRUPTED;
    sayHowToGoOn(session, DEMO_RUN, data);
    screen.document({ runId: DEMO_RUN, interrupted });
    return;
  }
  sayCurve(screen, run);
  const { caught, verified, replayed } = await check(session, data);
  if (!verified.ok || !caught || replayed.divergence) session.failCheck();
  const records = await session.read(({ log }) => collect(log.readStream(streamName(runStream, DEMO_RUN))), data);
  const summary = demoSummary(run, records, { caught, verified, replayed });
  sayNextSteps(session, data, run);
  screen.document(summary);
};

export const registerDemo = (program: Command, session: Session): void => {
  program
    .command('demo')
    .description('see it all in a few minutes: training, accepted and rejected changes, a forgery caught, a replay')
    .option('--seed <n>', 'fixes everything that is drawn', whole(0, 4_294_967_295), 1)
    .option('--quick', 'fewer cycles and a shorter base training')
    .option('--keep', 'keep the folder of an earlier demo with this seed and use the next free one')
    .action((options: Options) => demo(session, options));
};
