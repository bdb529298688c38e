import type { Command } from 'commander';
import { Refused } from '#ledger/decider.js';
import { forecastSentence, memorySentence } from '#memory/domain/wording.js';
import { cycleFacts, outcomeOf, whyUnjudged } from '#run/domain/run-facts.js';
import type { Cycle } from '#run/domain/cycle.js';
import { cycleOf, lastCycle, type Started } from '#run/domain/run.js';
import { findRun } from '#run/find-run.js';
import { bits, duration, grouped, share, short } from './format.js';
import { TONES } from './narrator.js';
import { whole, type Session } from './session.js';
import type { Screen } from './screen.js';

export const cycleNumber = whole(0, 99_999);

/** @throws Refused when the run has no such cycle yet */
export const findCycle = (run: Started, cycle: number): Cycle => {
  const last = lastCycle(run);
  if (cycle > last)
    throw new Refused(`cycle ${cycle}: run ${run.config.run} has cycles 0 (the base) to ${last} so far`);
  return cycleOf(run, cycle);
};

const sayProposal = (screen: Screen, { proposal }: Cycle): void => {
  if (!proposal) return;
  const { trigger, regime, allocation, champion, constitution } = proposal;
  const parts = Object.entries(allocation.weightsPpm).map(([name, ppm]) => `${name} ${(ppm / 10_000).toFixed(1)}%`);
  screen.paragraph(
    `from champion ${short(champion)}, under constitution ${constitution.id} v${constitution.version}`,
    '  proposed    ',
  );
  if (trigger === 'rescue') return;
  const { memory, forecast } = proposal;
  screen.paragraph(
    `${regime.label}: ${regime.steps} steps of ${regime.batch} x ${regime.sequence} bytes, rate ${regime.learningRate} (${regime.decay}), replay ${regime.replayPpm / 10_000}%, KL weight ${regime.klBeta}`,
    '  regime      ',
  );
  screen.paragraph(`${allocation.policy}: ${parts.join(', ')}`, '  allocation  ');
  if (memory) screen.paragraph(memorySentence(memory, regime.replayPpm), '  memory      ');
  if (forecast) screen.paragraph(forecastSentence(forecast), '  forecast    ');
};

/** A base that was brought is not trained, so nothing else tells of it. */
const sayGiven = (screen: Screen, { anchor, config }: Started): void => {
  if (config.base.kind !== 'checkpoint') return;
  const { model } = config;
  const layers = `${model.layers} ${model.layers === 1 ? 'layer' : 'layers'}`;
  screen.paragraph(
    `the checkpoint that was given, ${model.dModel} wide, ${layers}${anchor ? `, ${grouped(anchor.parameters)} parameters` : ''}; nothing was trained`,
    '  base        ',
  );
  screen.say(`  checkpoint  ${config.base.checkpoint}`);
};

const sayUpdate = (screen: Screen, { produced, interpolated, aborted, refused }: Cycle): void => {
  for (const { field, value, allowed } of refused?.violations ?? [])
    screen.paragraph(`${field} is ${value}; allowed: ${allowed}`, '  refused     ');
  if (aborted)
    screen.paragraph(`${aborted.reason} at step ${aborted.step ?? '–'}: ${aborted.message}`, '  aborted     ');
  if (interpolated) {
    const { factor, parent, parentCycle } = interpolated;
    screen.paragraph(
      `${share(factor)} of the way from the champion to ${short(parent)}, which cycle ${parentCycle} rejected; nothing was trained`,
      '  rescue      ',
    );
    screen.say(`  candidate   ${interpolated.candidate}`);
  }
  if (!produced) return;
  const { steps, tokens, lossFirstNats, lossLastNats, factor, env, candidate, replayable } = produced;
  screen.paragraph(
    `${grouped(steps)} steps, ${grouped(tokens)} bytes, ${duration(env.elapsedMs / 1000)} on ${env.backend} with ${env.threads} threads; loss ${lossFirstNats.toFixed(3)} → ${lossLastNats.toFixed(3)}${factor < 1 ? `; the trust region kept ${share(factor)} of the step` : ''}${replayable ? '' : '; not bit-replayable'}`,
    '  update      ',
  );
  screen.say(`  candidate   ${candidate}`);
};

const PROBES_LEGEND =
  'scout: what the allocation looks at; gate: sealed documents that general quality is judged on; shadow: tasks drawn anew for the candidate, that capability is judged on; right: share of the bytes predicted right.';

export const hasEvaluators = ({ controls, shadow, reference, voided }: Cycle): boolean =>
  [controls, shadow, reference, voided].some((each) => each !== undefined);

const CONTROLS_LEGEND =
  'Controls: items whose right result is known beforehand; what is seen must be exactly what is expected, or at most that.';

/** What became of those who evaluate: controls, comparisons, and a void where there was one. */
export const sayEvaluators = (screen: Screen, { controls, shadow, reference, voided }: Cycle): void => {
  for (const { evaluators, items, agreed, reasons } of [shadow, reference].flatMap((each) => each ?? [])) {
    const outcome = agreed ? 'agree' : `DISAGREE: ${reasons.join('; ')}`;
    screen.paragraph(`${evaluators.join(' and ')} on ${grouped(items)} items: they ${outcome}`, '  evaluators  ');
  }
  if (voided)
    screen.paragraph(
      `evaluator ${voided.evaluator} failed (${voided.cause}): ${voided.reason}`,
      '  void        ',
      'bad',
    );
  if (!controls) return;
  screen.title(`Controls of evaluator ${controls.evaluator}`);
  screen.table({
    head: ['control', 'weights', 'bytes', 'figure', 'expected', 'seen', ''],
    rows: controls.controls.map(({ control, model, scoredBytes, statistic, relation, expected, seen, held }) => [
      control,
      model,
      grouped(scoredBytes),
      statistic,
      `${relation === 'exactly' ? '' : 'at most '}${Number(expected.toPrecision(5))}`,
      seen === null ? 'not finite' : String(Number(seen.toPrecision(5))),
      held ? '' : 'FAILED',
    ]),
    flexible: 0,
    right: [2, 4, 5],
  });
  screen.say('');
  screen.paragraph(CONTROLS_LEGEND);
};

const sayProbes = (screen: Screen, cycle: Cycle): void => {
  const { probes, drift } = cycle;
  if (probes.length > 0) {
    screen.title('Probes');
    screen.table({
      head: ['of', 'suite', 'items', 'right', 'bits/byte', 'capability', 'evaluator'],
      rows: probes.map(({ subject, role, items, correct, scoredBytes, metrics, evaluator }) => [
        subject,
        role,
        grouped(items),
        share(correct / scoredBytes),
        metrics['general-bits-per-byte'] === undefined ? '–' : bits(metrics['general-bits-per-byte']),
        metrics['capability'] === undefined ? '–' : share(metrics['capability']),
        evaluator,
      ]),
      right: [2, 3, 4, 5],
    });
    screen.say('');
    screen.paragraph(PROBES_LEGEND);
  }
  sayEvaluators(screen, cycle);
  if (drift.length === 0) return;
  screen.title('Drift');
  screen.table({
    head: ['metric', 'value', 'unit', 'against', 'bound', ''],
    rows: drift.map(({ metric, value, unit, reference, threshold, alarm }) => [
      metric,
      value === null ? 'not finite' : String(Number(value.toPrecision(4))),
      unit,
      reference,
      threshold === null ? '–' : String(threshold),
      alarm ? 'ALARM' : '',
    ]),
    flexible: 0,
    right: [1, 4],
  });
};

const CALIBRATION_LEGEND =
  'Brier: squared distance of the probabilities from the right byte, 0 to 2; ECE: how far confidence stands from the share of right answers; AURC: share of wrong answers among the surest, averaged; in set: share of right bytes that prediction sets meant for 90% hold.';

const sayCalibration = (screen: Screen, { calibration }: Cycle): void => {
  if (calibration.length === 0) return;
  const figure = (value: number | null, digits = 4): string => (value === null ? 'not finite' : value.toFixed(digits));
  screen.title('Calibration');
  screen.table({
    head: ['of', 'documents', 'Brier', 'nats/byte', 'ECE', 'AURC', 'in set', 'set size'],
    rows: calibration.map(({ subject, documents, brier, nllNatsPerByte, ece, aurc, coverage, setSizeMean }) => [
      subject,
      grouped(documents),
      figure(brier),
      figure(nllNatsPerByte),
      figure(ece),
      figure(aurc),
      coverage === null ? 'not finite' : share(coverage),
      figure(setSizeMean, 1),
    ]),
    right: [1, 2, 3, 4, 5, 6, 7],
  });
  screen.say('');
  screen.paragraph(CALIBRATION_LEGEND);
};

const show = (session: Session, name: string, number: number): Promise<void> =>
  session.read(async ({ log }) => {
    const { run } = await findRun(log, name);
    const cycle = findCycle(run, number);
    const { screen } = session;
    const what = number === 0 ? 'the base' : outcomeOf(cycle);
    screen.say(`${screen.tint('bold', `Cycle ${number} of run ${name}`)}: ${what}`);
    if (number === 0) sayGiven(screen, run);
    sayProposal(screen, cycle);
    sayUpdate(screen, cycle);
    sayProbes(screen, cycle);
    sayCalibration(screen, cycle);
    if (number > 0 && !cycle.verdict && !cycle.refused && !cycle.aborted)
      screen.paragraph(whyUnjudged(cycle), '  no verdict  ');
    if (cycle.verdict) {
      screen.title('Verdict');
      const { verdict, summary } = cycle.verdict;
      screen.paragraph(summary, `  ${verdict}  `, TONES[verdict]);
      session.suggest('every rule with its figures', `verdict explain ${name} ${number}`);
    }
    screen.document(number === 0 ? { run: name, ...cycle } : { run: name, facts: cycleFacts(run, cycle), ...cycle });
  });

export const registerCycle = (program: Command, session: Session): void => {
  program
    .command('cycle')
    .description('one cycle of a run')
    .command('show')
    .argument('<run>', 'its name')
    .argument('<cycle>', 'its number; 0 is the training of the base', cycleNumber)
    .description('what was proposed, trained, probed and decided in a cycle')
    .action((name: string, cycle: number) => show(session, name, cycle));
};
