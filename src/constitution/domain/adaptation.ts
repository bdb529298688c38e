import { z } from 'zod';
import type { Regime } from './regime.js';
import type { Scope } from './scope.js';

/** `interpolate`: whether a rejected candidate is tried once more, half way back to the champion. */
export const rescueSchema = z.strictObject({ interpolate: z.boolean() });

const factor = z.number().positive().max(1);
/** What a regime is multiplied by when its candidates are rejected again and again. */
export const backOffSchema = z.strictObject({ learningRate: factor, steps: factor });
export type BackOff = Readonly<z.output<typeof backOffSchema>>;

/**
 * `after`: rejected updates without a promotion in between. The first time the regime backs off (null: it does not), the
 * next time the run is halted.
 */
export const stallSchema = z.strictObject({ after: z.int().positive().max(1_000), backOff: backOffSchema.nullable() });

/**
 * What the alarm of general quality is answered by where it is not a rollback: nothing, so that a study can look at what
 * updates do by themselves. Documents that leave it out roll back, as all did before it could be said.
 */
export const onDriftSchema = z.literal('go-on').exactOptional();

export const defaultStall: z.output<typeof stallSchema> = { after: 3, backOff: { learningRate: 0.5, steps: 0.5 } };

const SUFFIX = '-backed-off';
const LONGEST_LABEL = 63;

/** The regime with a lower rate and fewer steps, neither below what the scope allows. */
export const backedOff = (regime: Regime, { learningRate, steps }: BackOff, { regime: scope }: Scope): Regime => {
  const fewer = Math.max(1, Math.ceil(scope.steps.min), Math.floor(regime.steps * steps));
  return {
    ...regime,
    label: `${regime.label.slice(0, LONGEST_LABEL - SUFFIX.length)}${SUFFIX}`,
    learningRate: Math.max(scope.learningRate.min, regime.learningRate * learningRate),
    steps: fewer,
    warmupSteps: Math.min(regime.warmupSteps, fewer - 1),
  };
};
