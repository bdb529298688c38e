import { setTimeout as pause } from 'node:timers/promises';
import type { Command } from 'commander';
import type { Log } from '#ledger/log.js';
import { heldAgainst, skillOf } from '#memory/domain/skill.js';
import { skillSentence } from '#memory/domain/wording.js';
import { rejectedWords } from '#run/domain/adaptation.js';
import { reportedCurve, runFacts, type RunFacts } from '#run/domain/run-facts.js';
import type { Run, Started } from '#run/domain/run.js';
import { findRun, runNames, type FoundRun } from '#run/find-run.js';
import { historyOf, type RunHistory } from '#run/run-history.js';
import { day, moment, short, signed, worse } from './format.js';
import { INTERRUPTED } from './failures.js';
import { sayCurve } from './curve.js';
import { textSentence } from './narrator.js';
import { RunStory } from './run-story.js';
import type { Session } from './session.js';
import type { Screen } from './screen.js';

/** `interrupted`: it is not at its end, and no process has the folder open that could go on with it. */
type Told = RunFacts & RunHistory & Readonly<{ interrupted: boolean }>;

const toldOf = ({ run, records }: FoundRun, log: Log): Told => ({
  ...runFacts(run),
  ...historyOf(records),
  interrupted: run.status === 'running' && !log.hasWriter(),
});

const statusOf = ({ status, interrupted }: Told): string => (interrupted ? 'interrupted' : status);

/** How a run goes on that nobody works on; undefined for others. */
const goingOn = ({ run, status, interrupted }: Pick<Told, 'run' | 'status' | 'interrupted'>): string | undefined => {
  if (interrupted) return `no process works on it; \`run resume ${run}\` goes on`;
  return status === 'halted' ? `\`run resume ${run}\` lets it go on` : undefined;
};

const sayHeader = (screen: Screen, told: Told, run: Started): void => {
  const { seed, policy, cyclesDone, cyclesPlanned, constitution, anchor, champion, alphaLeft } = told;
  const hint = goingOn(told);
  screen.paragraph(
    `${screen.tint('bold', `Run ${told.run}`)}, ${statusOf(told)}${hint === undefined ? '' : `: ${hint}`}`,
  );
  screen.say(`  started       ${moment(told.startedAt)}; last event ${moment(told.lastEventAt)}`);
  screen.say(`  cycles        ${cyclesDone} of ${cyclesPlanned}, seed ${seed}, allocation ${policy}`);
  if (run.experiment !== null) screen.say(`  experiment    ${run.experiment}, arm ${run.config.arm}`);
  screen.paragraph(textSentence(run.config), '  text          ');
  screen.say(`  constitution  ${constitution}${alphaLeft === null ? '' : `, alpha left ${alphaLeft.toPrecision(3)}`}`);
  if (run.backedOff) {
    const { cycle, from, to, rejected } = run.backedOff;
    const what = `rate ${from.learningRate} → ${to.learningRate}, steps ${from.steps} → ${to.steps}`;
    const why = `backed off from cycle ${cycle} on (${what}), since ${rejectedWords(rejected.length)}: ${rejected.join(', ')}`;
    screen.paragraph(why, '  regime        ');
  }
  if (run.config.memory.predictive)
    screen.paragraph(skillSentence(run.config.memory, skillOf(heldAgainst(run))), '  forecasts     ');
  screen.say(`  anchor        ${anchor ?? 'not established yet'}`);
  screen.say(`  champion      ${champion ?? 'none yet'}`);
  const { root } = run.lineage;
  if (root !== told.run) screen.say(`  lineage       of ${root}`);
  if (told.anchorReset) {
    const { at, signers, reason } = told.anchorReset;
    const what = `${moment(at)}, signed by ${signers.join(', ')}: a run that begins from here starts a lineage anew; ${reason}`;
    screen.paragraph(what, '  anchor reset  ', 'warn');
  }
  for (const { at, requester, from, to, reason, verified } of told.rollbacks) {
    const check =
      verified === null ? 'not probed again yet' : verified ? 'probed again: equal' : 'probed again: DIFFERENT';
    const what = `${moment(at)} by ${requester}: ${short(from)} → ${short(to)}, ${check}; ${reason}`;
    screen.paragraph(what, '  rollback      ', verified === false ? 'bad' : 'warn');
  }
};

const sayCycles = (screen: Screen, { cycles }: Told): void => {
  if (cycles.length === 0) return;
  screen.say('');
  screen.table({
    head: ['cycle', 'regime', 'verdict', 'gain', 'text', 'KL', 'candidate'],
    rows: cycles.map((cycle) => [
      String(cycle.cycle),
      cycle.regime,
      cycle.outcome,
      cycle.capabilityGainPoints === null ? '–' : signed(cycle.capabilityGainPoints, 1),
      cycle.generalWorsePercent === null ? '–' : worse(cycle.generalWorsePercent),
      cycle.klToChampionNatsPerByte?.toFixed(4) ?? '–',
      cycle.candidate === null ? '–' : short(cycle.candidate),
    ]),
    right: [0, 3, 4, 5],
  });
  screen.say('');
  screen.paragraph(
    'gain: points of capability over the champion of that cycle, on the shadow suite; text: bits per byte against the anchor, on the gate suite; KL: nats per byte to the champion.',
  );
};

const list = (session: Session): Promise<void> =>
  session.read(async ({ log }) => {
    const all: Told[] = [];
    for (const name of await runNames(log)) all.push(toldOf(await findRun(log, name), log));
    const { screen } = session;
    if (all.length === 0) screen.say(`There is no run in ${session.where} yet.`);
    else
      screen.table({
        head: ['run', 'status', 'cycles', 'accepted', 'rejected', 'inconclusive', 'last event'],
        rows: all.map((told) => [
          told.run,
          statusOf(told),
          `${told.cyclesDone}/${told.cyclesPlanned}`,
          String(told.accepted),
          String(told.rejected),
          String(told.inconclusive),
          day(told.lastEventAt),
        ]),
        flexible: 0,
        right: [2, 3, 4, 5],
      });
    const stopped = all.find(({ interrupted }) => interrupted);
    if (stopped) {
      screen.say('');
      screen.paragraph(`interrupted: ${goingOn({ ...stopped, run: 'RUN' })}.`);
    }
    screen.document(all);
  });

const show = (session: Session, name: string): Promise<void> =>
  session.read(async ({ log }) => {
    const found = await findRun(log, name);
    const { run } = found;
    const told = toldOf(found, log);
    sayHeader(session.screen, told, run);
    sayCycles(session.screen, told);
    sayCurve(session.screen, run);
    session.screen.document({ ...told, config: run.config, report: reportedCurve(run) });
  });

/** How often it is looked whether anybody works on a run that is watched. */
const IDLE_LOOK_MS = 2000;

/** Says, whenever it becomes so, that nobody works on the run. */
const tellIdleness = async (session: Session, log: Log, story: RunStory, signal: AbortSignal): Promise<void> => {
  let before: string | undefined;
  while (!signal.aborted) {
    const { config, status } = story.run as Started;
    const interrupted = status === 'running' && !log.hasWriter();
    const hint = goingOn({ run: config.run, status, interrupted });
    if (hint !== undefined && hint !== before) {
      session.screen.say('');
      session.screen.paragraph(`${interrupted ? 'Interrupted' : 'Halted'}: ${hint}. Watching still; Ctrl-C ends it.`);
    }
    before = hint;
    await pause(IDLE_LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
};

/** Tells the run from its first event and goes on with what another process adds, until it completes. */
const watch = (session: Session, name: string): Promise<void> =>
  session.read(async ({ log, listener }) => {
    await findRun(log, name);
    listener.only = name;
    const stop = new AbortController();
    const ended = new AbortController();
    const unlisten = session.surroundings.onInterrupt(() => stop.abort());
    const story = new RunStory(log, name, session.screen);
    await story.catchUp();
    const done = (run: Run): boolean => run.status === 'completed';
    const idle = done(story.run) ? undefined : tellIdleness(session, log, story, ended.signal);
    try {
      await story.follow(stop.signal, done);
    } finally {
      unlisten();
      ended.abort();
      await idle;
    }
    if (!done(story.run)) session.code = INTERRUPTED;
    session.screen.document(runFacts(story.run as Started));
  });

export const registerRunShow = (run: Command, session: Session): void => {
  run
    .command('list')
    .description('all runs of the data folder')
    .action(() => list(session));
  run
    .command('show')
    .argument('<run>', 'its name')
    .description('one run: its champion, and every cycle with its verdict')
    .action((name: string) => show(session, name));
  run
    .command('watch')
    .argument('<run>', 'its name')
    .description('follow a run from its first event, also while another process works on it')
    .action((name: string) => watch(session, name));
};
