import {
  figuresSaid,
  leftOutSentence,
  methodSentence,
  negativeSentence,
  whySentence,
} from '#experiment/domain/conclusion-wording.js';
import type { Registered } from '#experiment/domain/experiment.js';
import { looksOf } from '#experiment/domain/registration.js';
import { armWords, claimWords, powerWords } from '#experiment/domain/registration-wording.js';
import type { KnownExperiment } from '#experiment/known-experiments.js';
import { moment } from './format.js';
import type { Screen, Tone } from './screen.js';

export const counted = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** What --json answers of an experiment. */
export const documentOf = ({ state, leaf, since, by, planned }: KnownExperiment): object => ({
  ...state,
  since,
  by,
  leaf,
  planned,
});

/** Everything that was fixed before the first run. */
export const sayRegistration = (screen: Screen, known: KnownExperiment): void => {
  const { state, leaf, since, by } = known;
  const { registration, version } = state;
  const { experiment, question, arms, seeds, cycles, alpha, hypotheses, predictions, pairedWith } = registration;
  const power = powerWords(registration);
  screen.paragraph(`${screen.tint('bold', `Experiment ${experiment}`)}: ${question}`);
  screen.say(`  registered    ${moment(since)} by ${by}${version > 1 ? `, amended, version ${version}` : ''}`);
  screen.say(`  leaf          ${leaf}`);
  if (pairedWith !== undefined) screen.say(`  paired with   ${pairedWith}, whose seeds it has`);
  const what = registration.distillation ? 'students' : 'runs    ';
  const each = registration.distillation ? 'a teacher for each seed' : counted(cycles, 'cycle');
  screen.say(`  ${what}      ${counted(arms.length, 'arm')} x ${counted(seeds, 'seed')} x ${each}`);
  screen.say(`  alpha         ${alpha}, looks after ${looksOf(registration).join(', ')} seeds`);
  if (power !== undefined) screen.paragraph(`${power}.`, '  power         ');
  for (const arm of arms) screen.paragraph(armWords(registration, arm), `  arm ${arm.arm}  `);
  screen.title('Hypotheses');
  for (const hypothesis of hypotheses) {
    screen.paragraph(hypothesis.claim, `  ${hypothesis.hypothesis}  `);
    screen.paragraph(`${claimWords(registration, hypothesis)}, by ${hypothesis.test}`, '    ');
  }
  for (const { by: who, hypothesis, outcome, probability } of predictions)
    screen.paragraph(`${who}: ${outcome} with probability ${probability}`, `  prediction of ${hypothesis}  `);
};

const TONES: Readonly<Record<string, Tone>> = {
  superior: 'good',
  equivalent: 'dim',
  'non-inferior': 'good',
  inferior: 'bad',
  inconclusive: 'warn',
};

/** Every look, with what every hypothesis came to; nothing before the first. */
export const sayConclusions = (screen: Screen, { looks, conclusions, negativeResults }: Registered): void => {
  for (const { look, seeds, alpha } of looks) {
    screen.title(`Look ${look}, after ${counted(seeds, 'seed')}, at alpha ${alpha}`);
    for (const one of conclusions.filter((each) => each.look === look)) {
      const { hypothesis, outcome, expected, leftOut, predictions } = one;
      const why = whySentence(one);
      screen.paragraph(`${outcome}, registered as ${expected}`, `  ${hypothesis}  `, TONES[outcome]);
      screen.paragraph(why === undefined ? figuresSaid(one) : `${figuresSaid(one)}: ${why}`, '    ');
      screen.paragraph(methodSentence(one), '    ');
      for (const left of leftOut) screen.paragraph(leftOutSentence(left), '    left out  ');
      for (const { by, outcome: said, probability, brier } of predictions)
        screen.paragraph(
          `${said} with probability ${probability}, squared error ${brier.toFixed(3)}`,
          `    ${by} said  `,
        );
    }
    for (const negative of negativeResults.filter((each) => each.look === look)) {
      const concluded = conclusions.find((one) => one.look === look && one.hypothesis === negative.hypothesis);
      screen.paragraph(negativeSentence(negative, concluded), '  negative result  ');
    }
  }
};
