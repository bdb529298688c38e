import type { Registration } from '#experiment/domain/registration.js';
import { said, section, sentence, type Block } from './document.js';
import { modelSize, powerWarning } from './registration-part.js';
import { outcomeSentence, type Result } from './result-part.js';
import { asOfTold, registeredIn, type Told } from './told.js';

/** The question, what it came to, and how much that is worth. */
export const headPart = (told: Told, results: readonly Result[]): readonly Block[] => {
  const { registration } = registeredIn(told);
  const first = told.experiment[0];
  const warning = powerWarning(registration);
  return [
    { kind: 'lead', sentence: sentence(registration.question.trim(), ...(first ? [first.cite] : [])) },
    {
      kind: 'said',
      sentences: [
        ...(warning === undefined ? [] : [sentence(warning)]),
        outcomeSentence(told, results),
        sentence(`Models: ${modelSize(told)}.`),
      ],
      tone: warning === undefined ? 'plain' : 'open',
    },
    said(
      sentence(
        `Made from the log alone, as of its record ${asOfTold(told)}; the small numbers name the records behind a sentence. ` +
          `${registration.distillation ? 'Trainings' : 'Runs'} are deterministic, so registration proves an order in this log, not ignorance.`,
      ),
    ),
  ];
};

/** How whoever has the log makes sure of all of this. */
export const checkPart = ({ experiment, distillation }: Registration): readonly Block[] => [
  section('check', 'How to check it'),
  said(
    sentence(
      'Whoever has the log judges every verdict and concludes every hypothesis again, and makes this report again to the same bytes.',
    ),
  ),
  {
    kind: 'commands',
    lines: [
      '# every record, verdict, conclusion and published report',
      'prometheus-ledger verify',
      '# this report again',
      `prometheus-ledger experiment report ${experiment} --to FOLDER`,
      ...(distillation
        ? [
            '# teacher and students of a seed again, trained to the same weights',
            `prometheus-ledger distillation replay ${experiment}-N`,
          ]
        : ['# a run again, trained to the same weights', 'prometheus-ledger replay RUN']),
    ],
  },
];
