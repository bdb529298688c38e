import type { Reason, Verdict } from './verdict.js';
import { byTelling, spoken } from './wording.js';

/** Parts that a sentence takes; the others are counted. */
const MOST_TOLD = 2;

const AT: Readonly<Record<string, string>> = {
  capability: 'at its tasks',
  'general-bits-per-byte': 'at general text',
  'calibration-brier': 'at knowing how sure it may be',
};

type Paired = NonNullable<Reason['paired']>;
const at = ({ metric }: Paired): string => AT[metric] ?? `in ${spoken(metric)}`;

const BEYOND: Readonly<Record<string, string>> = {
  klNatsPerByte: "its answers moved too far from the live model's",
  weightRatio: "its weights moved too far from the live model's",
  steps: 'its training took more steps than the rules allow',
  tokens: 'its training read more text than the rules allow',
  suiteOverdraw: 'sealed items were asked more often than the rules allow',
  'candidate number': 'none of the chance of error agreed on beforehand is left for it',
  'agreeing-evaluators': 'those who measured it do not agree',
  'passed-controls': 'the program that measured it failed a check',
  'sealed-suites': 'it was measured on too few sealed suites',
};

/** A sentence as a part of another one. */
const within = (sentence: string): string => (sentence.charAt(0).toLowerCase() + sentence.slice(1)).replace(/\.$/, '');

const joined = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;

/** "got worse at its tasks and at general text than the rules allow", of all that compare: one part of a sentence each. */
const compared = (reasons: readonly Reason[], better: string): readonly string[] => {
  const of = (keeps: boolean): readonly string[] => [
    ...new Set(
      reasons.flatMap(({ kind, paired }) => (paired && (kind === 'NON-INFERIORITY') === keeps ? [at(paired)] : [])),
    ),
  ];
  const [worse, same] = [of(true), of(false)];
  return [
    ...(worse.length > 0 ? [`got worse ${joined(worse)} than the rules allow`] : []),
    ...(same.length > 0 ? [`${better} ${joined(same)}`] : []),
  ];
};

/** Why rules fail, the most telling first; what is too much for a sentence is counted. */
const failures = (reasons: readonly Reason[]): string => {
  const sorted = byTelling(reasons);
  const say = ({ paired, statistic, sentence }: Reason): readonly string[] =>
    paired ? [] : [BEYOND[statistic] ?? within(sentence)];
  const hard = sorted.filter(({ kind }) => kind === 'HARD').flatMap(say);
  const others = sorted.filter(({ kind }) => kind !== 'HARD').flatMap(say);
  const all = [...hard, ...compared(sorted, 'did not get better').map((each) => `it ${each}`), ...others];
  const more = all.length - MOST_TOLD;
  return [...all.slice(0, MOST_TOLD), ...(more > 0 ? [`${more} more`] : [])]
    .map((part, at, parts) => (at > 0 && at === parts.length - 1 ? `and ${part}` : part))
    .join(', ');
};

/** What is open where rules are undecided. */
const questions = (reasons: readonly Reason[]): string =>
  joined(compared(byTelling(reasons), 'got better').map((each) => `whether it ${each}`));

const points = (difference: number): string => {
  const hundredths = Number((difference * 100).toFixed(1));
  return `${hundredths} ${hundredths === 1 ? 'point' : 'points'}`;
};

/** "it gets 1.3 points more of its tasks right": what a newcomer asks first. */
const gained = (reasons: readonly Reason[]): string => {
  const paired = reasons.find((reason) => reason.paired?.measure === 'accuracy')?.paired;
  if (paired?.estimate == null) return '';
  const { estimate } = paired;
  return estimate < 0
    ? `; it gets ${points(-estimate)} less of its tasks right, which the rules allow`
    : `; it gets ${points(estimate)} more of its tasks right`;
};

const failing = (count: number, all: number): string => `${count} of ${all} rules ${count === 1 ? 'fails' : 'fail'}`;

/** A verdict in one sentence without terms, for whoever sees the first one; its `summary` has the figures. */
export const headline = ({ verdict, reasons }: Pick<Verdict, 'verdict' | 'reasons'>): string => {
  const failed = reasons.filter(({ outcome }) => outcome === 'fail');
  const open = reasons.filter(({ outcome }) => outcome === 'undecided');
  switch (verdict) {
    case 'ACCEPT':
      return `Accepted: all ${reasons.length} rules pass, so the candidate became the live model${gained(reasons)}.`;
    case 'REJECT':
      return `Rejected: ${failing(failed.length, reasons.length)}, so the live model stays: ${failures(failed)}.`;
    case 'INCONCLUSIVE':
      return `Not settled: no rule fails, but too little was seen to tell ${questions(open)}, so the live model stays.`;
  }
};
