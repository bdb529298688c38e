import type { Command } from 'commander';
import { reportedCurve, runFacts, type RunFacts } from '#run/domain/run-facts.js';
import type { Started } from '#run/domain/run.js';
import { findRun, runNames } from '#run/find-run.js';
import { short, signed } from './format.js';
import { sayCurve } from './curve.js';
import { RunStory } from './run-story.js';
import type { Session } from './session.js';
import type { Screen } from './screen.js';

const orDash = (value: number | null, digits: number): string => (value === null ? '–' : signed(value, digits));

const sayFacts = (screen: Screen, facts: RunFacts): void => {
  const { run, status, seed, policy, cyclesDone, cyclesPlanned, constitution, anchor, champion, alphaLeft } = facts;
  screen.say(`${screen.tint('bold', `Run ${run}`)}, ${status}`);
  screen.say(`  cycles        ${cyclesDone} of ${cyclesPlanned}, seed ${seed}, allocation ${policy}`);
  screen.say(`  constitution  ${constitution}${alphaLeft === null ? '' : `, alpha left ${alphaLeft.toPrecision(3)}`}`);
  screen.say(`  anchor        ${anchor ?? 'not established yet'}`);
  screen.say(`  champion      ${champion ?? 'none yet'}`);
  if (facts.cycles.length === 0) return;
  screen.say('');
  screen.table({
    head: ['cycle', 'regime', 'verdict', 'gain', 'text worse', 'KL', 'candidate'],
    rows: facts.cycles.map((cycle) => [
      String(cycle.cycle),
      cycle.regime,
      cycle.outcome,
      orDash(cycle.capabilityGainPoints, 1),
      cycle.generalWorsePercent === null ? '–' : `${signed(cycle.generalWorsePercent, 1)}%`,
      cycle.klToChampionNatsPerByte?.toFixed(4) ?? '–',
      cycle.candidate === null ? '–' : short(cycle.candidate),
    ]),
    right: [0, 3, 4, 5],
  });
  screen.say('');
  screen.paragraph(
    "gain: points of capability over the champion of that cycle; text worse: bits per byte against the anchor, in percent; KL: nats per byte to the champion. All on the gate's own items.",
  );
};

const list = (session: Session): Promise<void> =>
  session.read(async ({ log }) => {
    const facts: RunFacts[] = [];
    for (const name of await runNames(log)) facts.push(runFacts((await findRun(log, name)).run));
    const { screen } = session;
    if (facts.length === 0) screen.say(`There is no run in ${session.where} yet.`);
    else
      screen.table({
        head: ['run', 'status', 'cycles', 'accepted', 'rejected', 'inconclusive', 'champion'],
        rows: facts.map((run) => [
          run.run,
          run.status,
          `${run.cyclesDone}/${run.cyclesPlanned}`,
          String(run.accepted),
          String(run.rejected),
          String(run.inconclusive),
          run.champion === null ? '–' : short(run.champion),
        ]),
        flexible: 0,
        right: [2, 3, 4, 5],
      });
    screen.document(facts);
  });

const show = (session: Session, name: string): Promise<void> =>
  session.read(async ({ log }) => {
    const { run } = await findRun(log, name);
    const facts = runFacts(run);
    sayFacts(session.screen, facts);
    sayCurve(session.screen, run);
    session.screen.document({ ...facts, config: run.config, report: reportedCurve(run) });
  });

/** Tells the run from its first event and goes on with what another process adds, until it completes. */
const watch = (session: Session, name: string): Promise<void> =>
  session.read(async ({ log, listener }) => {
    await findRun(log, name);
    listener.only = name;
    const stop = new AbortController();
    const unlisten = session.surroundings.onInterrupt(() => stop.abort());
    const story = new RunStory(log, name, session.screen);
    await story.catchUp();
    await story.follow(stop.signal, (run) => run.status === 'completed');
    unlisten();
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
