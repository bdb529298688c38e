import type { Regime } from '#constitution/domain/regime.js';
import type { Model, RunConfig } from '#run/domain/config.js';

/** Layers, ascending from 0, that are causal attention instead of Mamba-2: a teacher's model. Absent: none. */
export type HybridModel = Model & Readonly<{ attention?: readonly number[] }>;

/** What a student learns from a teacher's traces (SHA-256) beside the next byte, whose own weight is `taskWeight`. */
export type Distillation = Readonly<{
  traces: string;
  taskWeight: number;
  logits: Readonly<{ weight: number; temperature: number }> | null;
  /** Layer of the teacher whose hidden state a layer of the student shall have. */
  hidden: readonly Readonly<{ teacher: number; student: number; weight: number }>[];
  /** Of the teacher's hidden states to the student's width; null where both are equally wide. */
  projection: Readonly<{ seed: string }> | null;
}>;

/** What the native trainer executes; docs/trainer.md defines every field. Pure data, so its digest names the update. */
export type Plan = Readonly<{
  contract: 'nc-1';
  model: HybridModel;
  initial: Readonly<{ seed: string } | { checkpoint: string }>;
  anchor: string | null;
  batches: string;
  general: string | null;
  sentinel: string | null;
  steps: number;
  batch: number;
  generalBatch: number;
  learningRate: number;
  warmupSteps: number;
  decay: 'constant' | 'linear';
  optimiser: Readonly<{ beta1: number; beta2: number; epsilon: number; weightDecay: number; clipNorm: number }>;
  klBeta: number;
  l2spLambda: number;
  trustRegion: Readonly<{ klNatsPerByte: number; weightRatio: number; factors: readonly number[] }> | null;
  stateEverySteps: number;
  distillation?: Distillation;
}>;

const STATE_EVERY_STEPS = 10;
const STEP_BACK_FACTORS = [0.5, 0.25, 0.125];

/** The trainer takes exact binary32 only; this is the one rounding. */
const f32 = Math.fround;

const optimiser = (weightDecay: number, clipNorm: number): Plan['optimiser'] => ({
  beta1: f32(0.9),
  beta2: f32(0.98),
  epsilon: f32(1e-8),
  weightDecay: f32(weightDecay),
  clipNorm: f32(clipNorm),
});

/** What is trained from a seed: the base of a run, or a teacher and its students. */
export type Fresh = Pick<RunConfig, 'contract' | 'seed' | 'base'> & Readonly<{ model: HybridModel }>;

/** Training of the base from the run's seed: no anchor, no trust region, the rate falls to zero. */
export const basePlan = (config: Fresh, batches: string): Plan => {
  if (config.base.kind !== 'train') throw new RangeError('base: a given checkpoint is not trained');
  const { steps, batch, learningRate } = config.base;
  return {
    contract: config.contract,
    model: config.model,
    initial: { seed: String(config.seed) },
    anchor: null,
    batches,
    general: null,
    sentinel: null,
    steps,
    batch,
    generalBatch: 0,
    learningRate: f32(learningRate),
    warmupSteps: Math.min(steps, 10),
    decay: 'linear',
    optimiser: optimiser(0.01, 1),
    klBeta: 0,
    l2spLambda: 0,
    trustRegion: null,
    stateEverySteps: STATE_EVERY_STEPS,
  };
};

export type UpdateInputs = Readonly<{
  champion: string;
  anchor: string;
  batches: string;
  general: string | null;
  sentinel: string;
}>;

/** One bounded update of the champion under a regime. */
export const updatePlan = (config: RunConfig, regime: Regime, inputs: UpdateInputs): Plan => ({
  contract: config.contract,
  model: config.model,
  initial: { checkpoint: inputs.champion },
  anchor: regime.klBeta > 0 || regime.l2spLambda > 0 ? inputs.anchor : null,
  batches: inputs.batches,
  general: inputs.general,
  sentinel: regime.trustRegion ? inputs.sentinel : null,
  steps: regime.steps,
  batch: regime.batch,
  generalBatch: inputs.general === null ? 0 : regime.generalBatch,
  learningRate: f32(regime.learningRate),
  warmupSteps: regime.warmupSteps,
  decay: regime.decay,
  optimiser: optimiser(regime.weightDecay, regime.clipNorm),
  klBeta: inputs.general === null ? 0 : f32(regime.klBeta),
  l2spLambda: f32(regime.l2spLambda),
  trustRegion: regime.trustRegion && {
    klNatsPerByte: f32(regime.trustRegion.klNatsPerByte),
    weightRatio: f32(regime.trustRegion.weightRatio),
    factors: STEP_BACK_FACTORS,
  },
  stateEverySteps: STATE_EVERY_STEPS,
});

/** The blobs a plan names, in a fixed order and once each. */
export const planInputs = (plan: Plan): readonly string[] => {
  const initial = 'checkpoint' in plan.initial ? plan.initial.checkpoint : undefined;
  const named = [initial, plan.anchor, plan.batches, plan.general, plan.sentinel, plan.distillation?.traces];
  return [...new Set(named.filter((hash) => typeof hash === 'string'))];
};
