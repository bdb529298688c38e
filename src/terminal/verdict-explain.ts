import type { Command } from 'commander';
import { ArtifactGone } from '#ledger/artifacts.js';
import { rejudgeRun } from '#audit/rejudge.js';
import { headline } from '#constitution/domain/headline.js';
import { ruleSaid } from '#constitution/domain/wording.js';
import { Refused } from '#ledger/decider.js';
import type { DataOf } from '#run/domain/events.js';
import { whyUnjudged } from '#run/domain/run-facts.js';
import { findRun } from '#run/find-run.js';
import { cycleNumber, findCycle, hasEvaluators, sayEvaluators } from './cycle-show.js';
import { short } from './format.js';
import { TONES } from './narrator.js';
import { alphaSentence, checksTable, comparisonsLegend, comparisonsTable } from './reasons.js';
import type { Screen } from './screen.js';
import type { Session } from './session.js';

type Said = DataOf<'VerdictReached'>;

/** Every reason that did not pass with its figures; of an acceptance, what it gained. */
const sayVerdict = (screen: Screen, verdict: Said): void => {
  screen.paragraph(headline(verdict), `${verdict.verdict}  `, TONES[verdict.verdict]);
  const { id, version } = verdict.constitution;
  screen.title(verdict.verdict === 'ACCEPT' ? 'In figures' : 'Why, in figures');
  const against = verdict.reasons.filter(({ outcome }) => outcome !== 'pass');
  if (against.length === 0) screen.paragraph(verdict.summary, '  ');
  for (const { rule, sentence } of against) screen.paragraph(`${ruleSaid(rule)}: ${sentence}`, '  ');
  screen.paragraph(
    `It is candidate ${short(verdict.candidate)}, number ${verdict.lineageIndex} judged on its lineage, by constitution ${id} v${version}.`,
    '  ',
  );
};

const sayRules = (screen: Screen, { reasons, ...verdict }: Said): void => {
  const comparisons = comparisonsTable(reasons);
  if (comparisons.rows.length > 0) {
    screen.title('Rules that compare it with an earlier model');
    screen.table(comparisons);
    screen.say('');
    screen.paragraph(comparisonsLegend(reasons));
  }
  const checks = checksTable(reasons);
  if (checks.rows.length > 0) {
    screen.title('Rules with a limit');
    screen.table(checks);
  }
  screen.title('What it cost');
  screen.paragraph(alphaSentence({ reasons, ...verdict }), '  ');
};

/** "9 to 21, 30" for sorted numbers. */
export const ranges = (numbers: readonly number[]): string => {
  const found: [number, number][] = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last && number === last[1] + 1) last[1] = number;
    else found.push([number, number]);
  }
  return found.map(([first, last]) => (first === last ? String(first) : `${first} to ${last}`)).join(', ');
};

const sayEvidence = (screen: Screen, { cites, evidenceRoot }: Said): void => {
  screen.title('Evidence');
  const revisions = new Map<string, number[]>();
  for (const { stream, revision } of cites) revisions.set(stream, [...(revisions.get(stream) ?? []), revision]);
  for (const [stream, cited] of revisions) screen.paragraph(`${stream}, revisions ${ranges(cited)}`, '  records  ');
  screen.say(`  root     ${evidenceRoot}`);
};

const explain = (session: Session, name: string, number: number): Promise<void> =>
  session.read(async ({ log, ports }) => {
    const { run } = await findRun(log, name);
    const cycle = findCycle(run, number);
    const { verdict } = cycle;
    if (!verdict) throw new Refused(`cycle ${number} of run ${name} has no verdict: ${whyUnjudged(cycle)}`);
    const { screen } = session;
    sayVerdict(screen, verdict);
    sayRules(screen, verdict);
    if (hasEvaluators(cycle)) screen.title('Those who measured it');
    sayEvaluators(screen, cycle);
    sayEvidence(screen, verdict);
    screen.progress.working('judging again from the recorded evidence');
    const { disagreements, erased } = await rejudgeRun(ports, name, { cycle: number });
    const [first] = erased;
    if (first) throw new ArtifactGone(first.message);
    screen.say('');
    if (disagreements.length === 0)
      screen.say(
        `Recomputed just now from the recorded evidence: ${screen.tint('good', 'the same verdict')}, bit for bit.`,
      );
    for (const { what, recorded, recomputed } of disagreements)
      screen.paragraph(`Recomputed just now: ${what} is ${recomputed}, recorded is ${recorded}`);
    if (disagreements.length > 0) session.failCheck();
    session.suggest('every figure of the cycle', `cycle show ${name} ${number}`);
    screen.document({
      run: name,
      headline: headline(verdict),
      ...verdict,
      recomputed: { same: disagreements.length === 0, disagreements },
    });
  });

export const registerVerdict = (program: Command, session: Session): void => {
  program
    .command('verdict')
    .description('verdicts of the gate')
    .command('explain')
    .argument('<run>', 'its name')
    .argument('<cycle>', 'the number of the cycle', cycleNumber)
    .description('why a candidate was accepted or not, recomputed from its evidence')
    .action((name: string, cycle: number) => explain(session, name, cycle));
};
