import { conservative, type Regime } from '#constitution/domain/regime.js';
import type { DataOf } from '#run/domain/events.js';
import type { Started } from '#run/domain/run.js';
import { guessesOf, observe, scoutedUpTo, unseen, type Beliefs } from './competence.js';
import { outcomeOf, type Outcome } from './experience.js';
import type { Forecast, Quantity } from './forecast.js';
import { expect, learn, untaught, type Linear, type Prior } from './linear.js';

type Target = Quantity | 'acceptance';

/** What is expected before there is any experience; the intercept's worth is in cycles, so acceptance begins as Laplace's rule. */
const PRIORS: Readonly<Record<Target, Omit<Prior, 'worth'> & { intercept: number }>> = {
  skillGain: { mean: 0, sd: 0.02, intercept: 1 },
  generalChangeBitsPerByte: { mean: 0, sd: 0.02, intercept: 1 },
  klToChampionNatsPerByte: { mean: 0.01, sd: 0.01, intercept: 1 },
  acceptance: { mean: 0.5, sd: 0.5, intercept: 2 },
};
/** A probability that was never 0 or 1 cannot be infinitely wrong. */
const [LEAST, MOST] = [0.02, 0.98];

type Models = Readonly<Record<Target, Linear>>;
const each = (of: (target: Target) => Linear): Models => ({
  skillGain: of('skillGain'),
  generalChangeBitsPerByte: of('generalChangeBitsPerByte'),
  klToChampionNatsPerByte: of('klToChampionNatsPerByte'),
  acceptance: of('acceptance'),
});

/** Nothing seen yet. @param slopes how many, and what evidence each one's prior is worth */
export const novice = (slopes: number, shrinkage: number): Models =>
  each((target) => {
    const { intercept, ...prior } = PRIORS[target];
    return untaught({ ...prior, worth: [intercept, ...Array.from({ length: slopes }, () => shrinkage)] });
  });

export const taught = (models: Models, x: readonly number[], outcome: Outcome): Models =>
  each((target) => {
    const value = outcome[target];
    return value === null ? models[target] : learn(models[target], x, Number(value));
  });

export const forecastBy = (models: Models, x: readonly number[]): Forecast => ({
  skillGain: expect(models.skillGain, x),
  generalChangeBitsPerByte: expect(models.generalChangeBitsPerByte, x),
  klToChampionNatsPerByte: expect(models.klToChampionNatsPerByte, x),
  acceptance: Math.max(LEAST, Math.min(MOST, expect(models.acceptance, x).mean)),
});

const clipped = (value: number, least: number, most: number): number => Math.max(least, Math.min(most, value));

/** Sum of the rates of all steps: what an update may move at most. */
const dose = ({ learningRate, steps, decay }: Regime): number => learningRate * steps * (decay === 'linear' ? 0.5 : 1);

/** What a proposal is made in and with; only this does the forecast look at. */
export type Situation = Readonly<{
  beliefs: Beliefs;
  targets: readonly string[];
  regime: Regime;
  weightsPpm: Readonly<Record<string, number>>;
  /** Updates in a row that were not accepted. */
  declined: number;
  /** Of the last accepted update whose gain is known; 0 before there is one. */
  lastGain: number;
}>;

const TYPICAL_GAIN = 0.02;

/** About -1 to 1 each, and 0 for the conservative regime in the middle of its way. Their number is fixed. */
export const featuresOf = (situation: Situation): readonly number[] => {
  const { beliefs, targets, regime, weightsPpm, declined, lastGain } = situation;
  const loss = (name: string): number => clipped(beliefs.get(name)?.mean ?? 1, 0, 1);
  let [all, trained] = [0, 0];
  for (const name of targets) all += loss(name) / targets.length;
  for (const [name, ppm] of Object.entries(weightsPpm).sort()) trained += (ppm / 1_000_000) * loss(name);
  return [
    1,
    2 * all - 1,
    clipped(2 * (trained - all), -1, 1),
    clipped(dose(regime) / dose(conservative) - 1, -1, 4),
    2 * (regime.klBeta / (1 + regime.klBeta) - conservative.klBeta / (1 + conservative.klBeta)),
    2 * (regime.replayPpm / 1_000_000) - 1,
    declined / (1 + declined),
    clipped(lastGain / TYPICAL_GAIN, -2, 2) / 2,
  ];
};
const SLOPES = 7;

type Proposed = Pick<DataOf<'CycleProposed'>, 'cycle' | 'regime' | 'allocation'>;

/** What a run had learnt of itself when a cycle was proposed; later events change nothing of it. */
export const experienceAt = (
  run: Started,
  { cycle, regime, allocation }: Proposed,
): Readonly<{ beliefs: Beliefs; forecast: Forecast }> => {
  const { targets, memory } = run.config;
  const scouted = scoutedUpTo(run, cycle);
  let beliefs = unseen(guessesOf(run.config).keys());
  let models = novice(SLOPES, memory.predictive?.shrinkage ?? 1);
  let [declined, lastGain] = [0, 0];
  const believed = new Set<string>();
  const look = (checkpoint: string): void => {
    if (believed.has(checkpoint)) return;
    believed.add(checkpoint);
    beliefs = observe(beliefs, scouted.get(checkpoint) ?? {});
  };
  for (const past of run.cycles) {
    if (past.cycle >= cycle) break;
    for (const { role, checkpoint } of past.probes) if (role === 'scout') look(checkpoint);
    if (!past.proposal?.batches) continue;
    const outcome = outcomeOf(run.config, past, scouted);
    const { regime: its, allocation: shares } = past.proposal;
    const x = featuresOf({ beliefs, targets, regime: its, weightsPpm: shares.weightsPpm, declined, lastGain });
    models = taught(models, x, outcome);
    lastGain = outcome.skillGain ?? lastGain;
    if (outcome.acceptance !== null) declined = outcome.acceptance ? 0 : declined + 1;
  }
  // Probes of this cycle up to its proposal: a rollback may have come in between.
  for (const checkpoint of scouted.keys()) look(checkpoint);
  const x = featuresOf({ beliefs, targets, regime, weightsPpm: allocation.weightsPpm, declined, lastGain });
  return { beliefs, forecast: forecastBy(models, x) };
};
