import { treatmentSchema } from '#distillation/domain/config.js';
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
  if (isAccuracy(hypothesis.metric)) return size === 1 ? '1 point' : `${size} points`;
  return `${size}% of ${registration.distillation ? 'the untaught' : 'the anchor'}`;
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

/** How much has to be there for its seeds to show it. */
export const powerWords = (registration: Registration): string => {
  const effect = visibleEffect(registration);
  const { seeds, hypotheses } = registration;
  const family = hypotheses.length === 1 ? 'alone' : `in a family of ${hypotheses.length}`;
  return (
    `With ${seeds} seeds a paired t test shows a mean of ${effect.toFixed(2)} standard deviations of the differences ` +
    `in ${100 * WANTED_POWER} of 100 experiments, ${family}`
  );
};
