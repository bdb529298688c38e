import { WANTED } from '#experiment/domain/envelope.js';
import { looksOf, type Registration } from '#experiment/domain/registration.js';
import { armWords, claimWords, powerWords } from '#experiment/domain/registration-wording.js';
import {
  counted,
  ended,
  said,
  section,
  sentence,
  sizeOf,
  type Block,
  type Cite,
  type Sentence,
  type Table,
} from './document.js';
import { ofType, registeredIn, type Told } from './told.js';

/** Whether its own question says that it is too small for what it asks. */
export const saysUnderpowered = ({ question }: Pick<Registration, 'question'>): boolean =>
  /underpowered/i.test(question);

/** How much can be expected of so many seeds; undefined where there are as many as a claim wants. */
export const powerWarning = (registration: Registration): string | undefined => {
  const { seeds } = registration;
  const few = `${counted(seeds, 'seed')} of the ${WANTED.seeds} that a claim about an arm wants`;
  if (saysUnderpowered(registration)) return `Underpowered, as its question says: ${few}.`;
  return seeds < WANTED.seeds ? `Few seeds: ${few}.` : undefined;
};

const anchorsIn = ({ runs }: Told) => runs.flatMap(({ events }) => ofType(events, 'AnchorEstablished'));

/** "76 k parameters, bytes"; more than one number where arms differ. */
export const modelSize = (told: Told): string => {
  const { distillation } = registeredIn(told).registration;
  if (distillation) {
    const { dModel, layers } = distillation.student.model;
    return `students of ${counted(layers, 'layer')} of width ${dModel}, bytes`;
  }
  const parameters = [...new Set(anchorsIn(told).map(({ event }) => event.data.parameters))].sort((a, b) => a - b);
  return parameters.length === 0 ? 'no model yet' : `${parameters.map(sizeOf).join(' or ')}, bytes`;
};

/** Where the log says what its models are: of students as they were registered. */
const modelCites = (told: Told): readonly Cite[] =>
  told.students.length > 0
    ? told.experiment.slice(0, 1).map(({ cite }) => cite)
    : anchorsIn(told).map(({ cite }) => cite);

const sizeSentence = (told: Told): Sentence => {
  const cites = modelCites(told);
  if (cites.length === 0) return sentence('No run has a model yet.');
  return sentence(`Models: ${modelSize(told)}. Every figure in this report is of models of this size.`, ...cites);
};

const armsTable = (registration: Registration, cite: Cite): Table => ({
  caption: 'Arms',
  head: ['Arm', registration.distillation ? 'How its student is taught' : 'What it changes of the shared run file'],
  right: [],
  rows: registration.arms.map((arm) => ({ cells: [arm.arm, armWords(registration, arm)], cites: [cite] })),
});

const hypothesesTable = (registration: Registration, cite: Cite): Table => ({
  caption: 'Hypotheses as they were registered; each claim stands with its result',
  head: ['Hypothesis', 'Registered', 'Test'],
  right: [],
  rows: registration.hypotheses.map((one) => ({
    cells: [one.hypothesis, claimWords(registration, one), one.test],
    cites: [cite],
  })),
});

const amendments = (told: Told): readonly Sentence[] =>
  ofType(told.experiment, 'RegistrationAmended').map(({ event, cite }) => {
    const paths = event.data.changes.map(({ path }) => path).join(', ');
    return sentence(ended(`Amended to version ${event.data.version} in ${paths}: ${event.data.reason}`), cite);
  });

/** "2 runs", "1 distillation", "2 runs and 1 distillation". */
const begunWords = (earlier: Told['earlier']): string =>
  (['run', 'distillation'] as const)
    .map((kind) => ({ kind, count: earlier.filter((one) => one.kind === kind).length }))
    .filter(({ count }) => count > 0)
    .map(({ kind, count }) => counted(count, kind))
    .join(' and ');

const earlierRuns = ({ earlier, students }: Told): Block =>
  earlier.length === 0
    ? said(
        sentence(
          `No run${students.length > 0 ? ' and no distillation' : ''} in this log began on the same general text before the registration.`,
        ),
      )
    : said(
        sentence(
          `${begunWords(earlier)} began on the same general text before the registration, and whoever registered ` +
            `may have seen ${earlier.length === 1 ? 'it' : 'them'}: ${earlier.map(({ name }) => name).join(', ')}.`,
          ...earlier.map(({ cite }) => cite),
        ),
      );

const seedsFromWords = ({ pairedWith, arms }: Registration): string => {
  if (pairedWith === undefined) return 'it';
  const shares = arms.some(({ sameAs }) => sameAs !== undefined);
  return `that of ${pairedWith}, with which this experiment ${shares ? 'shares arms' : 'is paired'}`;
};

/** What was fixed when, before any run of it began. */
export const registrationPart = (told: Told): readonly Block[] => {
  const { registration } = registeredIn(told);
  const first = told.experiment[0];
  if (!first) throw new RangeError('experiment: it has no record');
  const latest = ofType(told.experiment, 'RegistrationAmended').at(-1)?.cite ?? first.cite;
  const { arms, seeds, cycles, alpha, primaryMetric, failureRules, distillation } = registration;
  const numbers = [...new Set([...told.runs, ...told.students].map(({ planned }) => planned.seed))];
  const looks = looksOf(registration);
  const power = powerWords(registration);
  return [
    section('registered', 'What was registered'),
    said(
      sentence(
        `Registered as record ${first.cite.position} of the log by ${first.by}, at ${first.at} by the clock of whoever wrote ` +
          `it. The leaf hash of that record is ${told.leaf}, and the seeds follow from ${seedsFromWords(registration)}.`,
        first.cite,
      ),
      ...amendments(told),
    ),
    said(
      sentence(
        `${counted(arms.length, 'arm')} of ${counted(seeds, 'seed')}${distillation ? '' : ` and ${counted(cycles, 'cycle')}`}; primary metric ` +
          `${primaryMetric}; alpha ${alpha} over ${counted(looks.length, 'look')}, after ${looks.join(', ')} seeds. ` +
          (distillation
            ? `A seed without a reading is answered by ${failureRules.noReading}.`
            : `A run that ended early is answered by ${failureRules.endedEarly}, one without a reading by ${failureRules.noReading}.`),
        latest,
      ),
      sentence(`Seeds: ${numbers.join(', ')}.`, first.cite),
      ...(power === undefined ? [] : [sentence(`${power}.`, latest)]),
      sizeSentence(told),
    ),
    { kind: 'table', table: armsTable(registration, latest) },
    { kind: 'table', table: hypothesesTable(registration, latest) },
    earlierRuns(told),
  ];
};
