import { amount } from '#experiment/domain/amount.js';
import {
  estimateSaid,
  figuresSaid,
  intervalSaid,
  leftOutSentence,
  methodSentence,
  negativeSentence,
  whySentence,
} from '#experiment/domain/conclusion-wording.js';
import type { DataOf } from '#experiment/domain/events.js';
import { looksOf, type Hypothesis } from '#experiment/domain/registration.js';
import { claimWords } from '#experiment/domain/registration-wording.js';
import { comparedSaid, isNegative, levelOf, negativeCites, toneOf } from './result-words.js';
import { modelSize } from './registration-part.js';
import { heading, said, section, sentence, type Block, type Cite, type Row, type Sentence } from './document.js';
import { ofType, registeredIn, type Placed, type Told } from './told.js';

type Concluded = DataOf<'HypothesisConcluded'>;

/** One hypothesis with what every look made of it; the last one counts. */
export type Result = Readonly<{
  hypothesis: Hypothesis;
  looks: readonly Readonly<{ concluded: Concluded; cites: readonly Cite[] }>[];
}>;

/** The records behind a conclusion, as far as the log has them. */
const citesIn = (told: Told): ((one: Placed<{ data: Concluded }>) => readonly Cite[]) => {
  const places = new Map(
    [...told.runs, ...told.students].flatMap(({ events }) =>
      events.map(({ cite }) => [`${cite.stream} ${cite.revision}`, cite] as const),
    ),
  );
  return ({ event, cite }) => [
    cite,
    ...event.data.cites.flatMap(({ stream, revision }) => places.get(`${stream} ${revision}`) ?? []),
  ];
};

/** Every registered hypothesis in its order, whether it was concluded or not. */
export const resultsOf = (told: Told): readonly Result[] => {
  const concluded = ofType(told.experiment, 'HypothesisConcluded');
  const cites = citesIn(told);
  return registeredIn(told).registration.hypotheses.map((hypothesis) => ({
    hypothesis,
    looks: concluded
      .filter(({ event }) => event.data.hypothesis === hypothesis.hypothesis)
      .map((one) => ({ concluded: one.event.data, cites: cites(one) })),
  }));
};

const predicted = ({ predictions }: Concluded, cites: readonly Cite[]): readonly Sentence[] =>
  predictions.map(({ by, outcome, probability, brier }) =>
    sentence(
      `Predicted by ${by}: ${outcome} with probability ${probability}; squared error ${brier.toFixed(3)}.`,
      ...cites,
    ),
  );

const lookSentences = ({ concluded, cites }: Result['looks'][number], size: string): readonly Sentence[] => {
  const { look, outcome, expected } = concluded;
  const [own] = cites;
  const recorded = own ? [own] : [];
  const why = whySentence(concluded);
  return [
    sentence(
      `${outcome.charAt(0).toUpperCase()}${outcome.slice(1)}, registered as ${expected} (look ${look}): ${figuresSaid(concluded, size)}.`,
      ...cites,
    ),
    ...(why === undefined ? [] : [sentence(`Why inconclusive: ${why}.`, ...recorded)]),
    sentence(`Method: ${methodSentence(concluded)}.`, ...recorded),
    ...concluded.leftOut.map((one) => sentence(`Left out: ${leftOutSentence(one)}.`, ...recorded)),
    ...predicted(concluded, recorded),
  ];
};

const negatives = (told: Told, { looks }: Result): readonly Sentence[] =>
  looks.flatMap((look) => {
    const cites = negativeCites(told, look.concluded);
    const { hypothesis, expected, outcome } = look.concluded;
    if (cites.length === 0) return [];
    const text = negativeSentence({ look: look.concluded.look, hypothesis, expected, outcome }, look.concluded);
    return [sentence(`Negative result: ${text}.`, ...cites)];
  });

const rowOf = (told: Told, result: Result): Row => {
  const { hypothesis, looks } = result;
  const last = looks.at(-1);
  const { expects } = hypothesis;
  const tone = toneOf(told, result);
  if (!last)
    return { cells: [hypothesis.hypothesis, expects, 'not concluded yet', '–', '–', '–', '0', '–'], cites: [], tone };
  const { concluded, cites } = last;
  const { outcome, method, unit, n, p } = concluded;
  const cells = [
    hypothesis.hypothesis,
    expects,
    outcome,
    estimateSaid(concluded),
    intervalSaid(concluded),
    `±${amount(method.sesoi, unit)}`,
    String(n),
    p === null ? '–' : p.holm.toPrecision(2),
  ];
  return { cells, cites, tone };
};

const detailOf = (told: Told, result: Result, size: string): readonly Block[] => {
  const { hypothesis, looks } = result;
  const { registration } = registeredIn(told);
  const first = told.experiment[0];
  const claim = sentence(`Registered: ${claimWords(registration, hypothesis)}.`, ...(first ? [first.cite] : []));
  const open = sentence('Not concluded yet: no look was taken.');
  return [
    heading(`hypothesis-${hypothesis.hypothesis}`, `${hypothesis.hypothesis}: ${hypothesis.claim}`),
    said(claim),
    {
      kind: 'said',
      sentences: looks.length === 0 ? [open] : looks.flatMap((look) => lookSentences(look, size)),
      tone: toneOf(told, result),
    },
    ...(negatives(told, result).length > 0 ? [said(...negatives(told, result))] : []),
  ];
};

/** What it came to in one sentence: how many of which outcome. */
export const outcomeSentence = (told: Told, results: readonly Result[]): Sentence => {
  const last = results.flatMap(({ looks }) => looks.at(-1) ?? []);
  const of = `Of ${results.length} registered hypotheses`;
  if (last.length === 0) return sentence(`${of} none is concluded yet.`);
  const kinds = [...new Set(last.map(({ concluded }) => concluded.outcome))].sort();
  const counts = kinds.map((kind) => `${last.filter(({ concluded }) => concluded.outcome === kind).length} ${kind}`);
  const against = results.filter((result) => isNegative(told, result)).length;
  const looks = looksOf(registeredIn(told).registration).length;
  return sentence(
    `${of}, these came out: ${counts.join(', ')}. Shown not to hold: ${against}. Looks taken: ${last[0]?.concluded.look ?? 0} of ${looks}.`,
    ...last.flatMap(({ cites }) => cites.slice(0, 1)),
  );
};

const uncorrected = (level: string): string =>
  `Each interval is at ${level} by itself, and outcomes are corrected over the family: an effect whose interval does not hold 0 may be ` +
  'inconclusive.';

/** Every registered hypothesis: in one table first, then each by itself. @param forest the picture of all of them */
export const resultPart = (told: Told, forest: readonly Block[]): readonly Block[] => {
  const results = resultsOf(told);
  const size = modelSize(told);
  const { registration } = registeredIn(told);
  const level = levelOf(told);
  return [
    section('results', 'Results'),
    {
      kind: 'table',
      table: {
        caption: `Every registered hypothesis, models of ${size}`,
        head: [
          'Hypothesis',
          'Registered as',
          'Outcome',
          'Effect',
          `${level} interval`,
          'Of interest',
          'n',
          'p of the claim (Holm)',
        ],
        right: [3, 4, 5, 6, 7],
        toned: 2,
        rows: results.map((result) => rowOf(told, result)),
      },
    },
    said(
      sentence(
        `Effects are positive where the arm is better. They are differences of ${comparedSaid(registration)}. n counts seeds; ` +
          `the family has ${results.length}.`,
      ),
      ...(results.length > 1 ? [sentence(uncorrected(level))] : []),
      ...(registration.hypotheses.length > 1 ? [sentence('No result is left out, whichever way it came out.')] : []),
    ),
    ...forest,
    ...results.flatMap((result) => detailOf(told, result, size)),
  ];
};
