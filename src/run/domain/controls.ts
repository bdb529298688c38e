import type { DataOf } from './events.js';

type Figure = DataOf<'ControlsChecked'>['controls'][number];

const shown = (value: number | null): string =>
  value === null ? 'nothing finite' : String(Number(value.toPrecision(6)));

const WORDS: Readonly<Record<Figure['statistic'], string>> = {
  'right-answers': 'right answers',
  'nats-per-byte': 'nats per byte',
  'nats-gained': 'nats gained on random labels',
  'differing-items': 'differing items',
};

/** "of the echo model: 30 right answers, expected exactly 32". */
export const controlSentence = ({ control, model, statistic, relation, expected, seen }: Figure): string =>
  `${control} control (${model}): ${shown(seen)} ${WORDS[statistic]}, expected ${relation === 'exactly' ? 'exactly' : 'at most'} ${shown(expected)}`;

/** Figures that a sound evaluator does not give. A honeypot that is passed is no void but a proof of a leak. */
export const failedControls = (controls: readonly Figure[]): readonly Figure[] =>
  controls.filter(({ control, held }) => !held && control !== 'honeypot');

/** The void that follows from a failed control. */
export const voidOf = (
  { cycle, checkpoint, evaluator }: DataOf<'ControlsChecked'>,
  failed: Figure,
): DataOf<'EvaluationVoided'> => ({ cycle, checkpoint, evaluator, cause: 'control', reason: controlSentence(failed) });

/** Controls all of whose figures are as expected, and all there are. */
export const countHeld = (controls: readonly Figure[]): Readonly<{ held: number; checked: number }> => {
  const names = [...new Set(controls.map(({ control }) => control))];
  const broken = new Set(controls.filter(({ held }) => !held).map(({ control }) => control));
  return { held: names.length - broken.size, checked: names.length };
};

/** Whether the contradictory items were answered no better than chance; false where none were shown. */
export const honeypotsHeld = (controls: readonly Figure[]): boolean => {
  const honeypots = controls.filter(({ control }) => control === 'honeypot');
  return honeypots.length > 0 && honeypots.every(({ held }) => held);
};
