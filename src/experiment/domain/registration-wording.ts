import { treatmentSchema } from '#distillation/domain/config.js';
import { amount } from './amount.js';
import { ANCHOR, isAccuracy, sesoiOf, TEACHER, type Hypothesis, type Registration } from './registration.js';
import { visibleEffect, WANTED_POWER } from './visible-effect.js';

const EXPECTED = {
  superior: 'better than',
  equivalent: 'no different from',
  'non-inferior': 'not worse than',
  inferior: 'worse than',
} as const;

const OTHERS: Readonly<Record<string, string>> = { [ANCHOR]: 'its anchor', [TEACHER]: 'its teacher' };

/** "1 point", "2 points", "1% of the anchor". */
const sizeWords = (registration: Registration, hypothesis: Hypothesis): string => {
  const size = sesoiOf(registration, hypothesis);
  if (isAccuracy(hypothesis.metric)) return amount(size, 'points');
  return `${amount(size, 'percent')} of ${registration.distillation ? 'the untaught' : 'the anchor'}`;
};

/** Which checkpoint of an arm is read; of a student there is only one. */
const readWords = ({ distillation }: Registration, { reads }: Hypothesis, cycle: number | undefined): string => {
  if (distillation) return '';
  return cycle === undefined ? ` (${reads})` : ` (${reads} of cycle ${cycle})`;
};

/** "conservative (champion) is better than its anchor in capability, of interest from 1 point on". */
export const claimWords = (registration: Registration, hypothesis: Hypothesis): string => {
  const { arm, against, metric, expects, cycle, againstCycle } = hypothesis;
  const mine = `${arm}${readWords(registration, hypothesis, cycle)}`;
  const named = cycle === undefined && againstCycle === undefined;
  const other = `${OTHERS[against] ?? against}${named || against === ANCHOR ? '' : readWords(registration, hypothesis, againstCycle)}`;
  return `${mine} is ${EXPECTED[expects]} ${other} in ${metric}, of interest from ${sizeWords(registration, hypothesis)} on`;
};

/** What a change sets: whole rules and regimes by their name, since the record has the rest. */
const settingWords = (value: unknown): string => {
  const { name, label } = (value ?? {}) as { name?: unknown; label?: unknown };
  return String(name ?? label ?? (typeof value === 'string' ? value : JSON.stringify(value)));
};

/** What every student has, the untaught too. */
const UNTAUGHT: Readonly<Record<string, unknown>> = treatmentSchema.parse({});

export const armWords = (
  { pairedWith, distillation }: Registration,
  { changes, sameAs }: Registration['arms'][number],
): string => {
  if (sameAs !== undefined) return `the runs of ${pairedWith}'s arm ${sameAs}`;
  const own = Object.entries(changes).filter(([path, value]) => !distillation || value !== UNTAUGHT[path]);
  const set = own.map(([path, value]) => `${path}: ${settingWords(value)}`);
  if (set.length > 0) return set.join(', ');
  return distillation ? 'taught by nobody' : 'as it is';
};

/** Each kind of claim that a paired t test is registered for; those of a direction are shown alike. */
const KINDS: readonly Readonly<{ expects: readonly Hypothesis['expects'][]; words: (size: string) => string }>[] = [
  {
    expects: ['superior', 'inferior'],
    words: (size) => `for superiority, two-sided, a mean of ${size} standard deviations of the differences`,
  },
  {
    expects: ['equivalent'],
    words: (size) => `for equivalence, of no difference that it is within ${size} standard deviations`,
  },
  {
    expects: ['non-inferior'],
    words: (size) => `for non-inferiority, of no difference that less than ${size} standard deviations are lost`,
  },
];

/** How much has to be there for its seeds to show it; undefined where no t test is registered, or nothing would be enough. */
export const powerWords = (registration: Registration): string | undefined => {
  const { seeds, hypotheses } = registration;
  const tested = hypotheses.filter(({ test }) => test === 'paired-t');
  const kinds = KINDS.flatMap(({ expects, words }) => {
    const one = tested.find((each) => expects.includes(each.expects));
    const effect = one && visibleEffect(registration, one.expects);
    return effect === undefined ? [] : [words(effect.toFixed(2))];
  });
  if (kinds.length === 0) return undefined;
  const family = hypotheses.length === 1 ? 'alone' : `in a family of ${hypotheses.length}`;
  return `With ${seeds} seeds a paired t test shows in ${100 * WANTED_POWER} of 100 experiments, ${family}: ${kinds.join('; ')}`;
};
