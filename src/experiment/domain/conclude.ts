import { readingOf, type Ending, type Reading } from './ending.js';
import type { DataOf } from './events.js';
import { holm } from './holm.js';
import { pairedT, type PairedTest, type Tested, type Untestable } from './paired.js';
import {
  ANCHOR,
  isAccuracy,
  sesoiOf,
  TEACHER,
  type Hypothesis,
  type Outcome,
  type Registration,
} from './registration.js';
import { signedRank } from './wilcoxon.js';

type Concluded = DataOf<'HypothesisConcluded'>;
/** Nothing to be tested: by a failure rule, or since the differences are such. */
type Spoilt = Untestable | Readonly<{ why: keyof Registration['failureRules'] }>;
type Read = Exclude<Reading, { failed: string }>;

/** The readings of a hypothesis, seed by seed: `values` where both sides have one. */
type Paired = Pick<Concluded, 'values' | 'leftOut' | 'cites'> &
  Readonly<{ spoilt: keyof Registration['failureRules'] | undefined }>;

const TESTS: Readonly<Record<Hypothesis['test'], PairedTest>> = { 'paired-t': pairedT, wilcoxon: signedRank };
export const unitOf = ({ metric }: Hypothesis): Concluded['unit'] => (isAccuracy(metric) ? 'points' : 'percent');

/** Positive where the arm is better: points of capability, percent of the other side's anchor in bits per byte. */
const differenceOf = ({ metric }: Hypothesis, arm: Read, against: Read): number =>
  isAccuracy(metric) ? 100 * (arm.value - against.value) : (100 * (against.value - arm.value)) / against.anchor;

/** What an arm is held against that belongs to itself: where its run began, or its teacher. */
const ownBeginning = (against: string): boolean => against === ANCHOR || against === TEACHER;

const pair = (registration: Registration, hypothesis: Hypothesis, endings: readonly Ending[]): Paired => {
  const { metric, arm, against, reads, cycle, againstCycle } = hypothesis;
  const [values, leftOut, cites]: [Concluded['values'], Concluded['leftOut'], Concluded['cites']] = [[], [], []];
  let spoilt: Paired['spoilt'];
  for (const mine of endings.filter(({ planned }) => planned.arm === arm)) {
    const { seed, number } = mine.planned;
    const other = ownBeginning(against)
      ? mine
      : endings.find(({ planned }) => planned.arm === against && planned.number === number);
    if (!other) throw new RangeError(`seed ${number}: there is no run of ${against}`);
    const sides = [
      readingOf(mine, metric, reads, cycle),
      readingOf(other, metric, ownBeginning(against) ? ANCHOR : reads, againstCycle),
    ] as const;
    const at = sides.findIndex((side) => 'failed' in side);
    const failed = sides[at];
    if (failed && 'failed' in failed) {
      leftOut.push({ seed, run: [mine, other][at]?.planned.run ?? '', why: failed.failed });
      if (registration.failureRules[failed.failed] === 'inconclusive') spoilt ??= failed.failed;
      continue;
    }
    const [one, two] = sides as readonly [Read, Read];
    values.push({ seed, arm: one.value, against: two.value, difference: differenceOf(hypothesis, one, two) });
    cites.push(one.cite, two.cite);
  }
  return { values, leftOut, cites, spoilt };
};

const claimP = ({ expects }: Hypothesis, tested: Tested | Spoilt): number => {
  if ('why' in tested) return 1;
  const { above, below, within, kept } = tested;
  return {
    superior: Math.min(1, 2 * above),
    inferior: Math.min(1, 2 * below),
    equivalent: within,
    'non-inferior': kept,
  }[expects];
};

/**
 * The outcome: the registered claim where Holm's correction over the family lets it stand, anything else at alpha shared
 * equally over the family. A difference that is shown to be smaller than what is of interest is none.
 */
const outcomeOf = (
  { expects }: Hypothesis,
  { above, below, within }: Tested,
  { adjusted, alpha, family }: Readonly<{ adjusted: number; alpha: number; family: number }>,
): Outcome => {
  const share = alpha / family;
  if (within <= share || (expects === 'equivalent' && adjusted <= alpha)) return 'equivalent';
  if (adjusted <= alpha && expects !== 'non-inferior') return expects;
  if (2 * above <= share) return 'superior';
  if (adjusted <= alpha) return expects;
  return 2 * below <= share ? 'inferior' : 'inconclusive';
};

const sidesOf = ({ above, below, within, kept }: Tested): Omit<NonNullable<Concluded['p']>, 'claim' | 'holm'> => ({
  above,
  below,
  within,
  kept,
});

const scored = (
  { predictions }: Registration,
  { hypothesis }: Hypothesis,
  outcome: Outcome,
): Concluded['predictions'] =>
  predictions.flatMap(({ hypothesis: about, by, outcome: said, probability }) => {
    const missed = probability - (said === outcome ? 1 : 0);
    return about === hypothesis ? [{ by, outcome: said, probability, brier: missed * missed }] : [];
  });

/** Every hypothesis of a registration at one look. @param endings of all runs of the look's seeds, in their order */
export const concludeAll = (
  registration: Registration,
  { look, alpha }: Readonly<{ look: number; alpha: number }>,
  endings: readonly Ending[],
): readonly Concluded[] => {
  const family = registration.hypotheses.length;
  const all = registration.hypotheses.map((hypothesis) => {
    const paired = pair(registration, hypothesis, endings);
    const differences = paired.values.map(({ difference }) => difference);
    const sesoi = sesoiOf(registration, hypothesis);
    const tested =
      paired.spoilt === undefined ? TESTS[hypothesis.test](differences, alpha, sesoi) : { why: paired.spoilt };
    return { hypothesis, paired, sesoi, tested, claim: claimP(hypothesis, tested) };
  });
  const adjusted = holm(all.map(({ claim }) => claim));
  return all.map(({ hypothesis, paired: { spoilt: _spoilt, ...paired }, sesoi, tested, claim }, at) => {
    const p = { claim, holm: adjusted[at] ?? 1 };
    const untested = 'why' in tested;
    const outcome = untested ? 'inconclusive' : outcomeOf(hypothesis, tested, { adjusted: p.holm, alpha, family });
    return {
      look,
      hypothesis: hypothesis.hypothesis,
      expected: hypothesis.expects,
      outcome,
      why: outcome !== 'inconclusive' ? null : untested ? tested.why : 'undecided',
      unit: unitOf(hypothesis),
      method: { test: hypothesis.test, alpha, sesoi, family },
      n: paired.values.length,
      estimate: untested ? null : tested.estimate,
      interval: untested ? null : { level: 1 - alpha, low: tested.low, high: tested.high },
      p: untested ? null : { ...p, ...sidesOf(tested) },
      ...paired,
      predictions: scored(registration, hypothesis, outcome),
    };
  });
};
