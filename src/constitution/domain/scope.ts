import { z } from 'zod';
import { POLICIES } from '#allocation/domain/allocation.js';
import { ppmSchema } from '#ledger/schema.js';
import type { Regime } from './regime.js';

const rangeSchema = z
  .strictObject({ min: z.number(), max: z.number() })
  .refine(({ min, max }) => min <= max, { message: 'min must not be above max' });

export const rangedFields = [
  'learningRate',
  'warmupSteps',
  'steps',
  'batch',
  'sequence',
  'klBeta',
  'generalBatch',
  'l2spLambda',
  'replayPpm',
  'clipNorm',
  'weightDecay',
] as const satisfies readonly (keyof Regime)[];

/**
 * What the loop may change by itself: the allowed range of every regime field, the allocation policies, and the share of an
 * update's sequences (ppm) that may come from text a model wrote.
 */
export const scopeSchema = z.strictObject({
  regime: z.strictObject({
    ...(Object.fromEntries(rangedFields.map((field) => [field, rangeSchema])) as Record<
      (typeof rangedFields)[number],
      typeof rangeSchema
    >),
    decay: z.array(z.enum(['linear', 'constant'])).min(1),
    trustRegion: z.strictObject({ required: z.boolean(), klNatsPerByte: rangeSchema, weightRatio: rangeSchema }),
  }),
  allocationPolicies: z.array(z.enum(POLICIES)).min(1),
  syntheticTextPpm: ppmSchema,
});
export type Scope = Readonly<z.output<typeof scopeSchema>>;

export const defaultScope: Scope = {
  regime: {
    learningRate: { min: 0.000001, max: 0.02 },
    warmupSteps: { min: 0, max: 200 },
    decay: ['linear', 'constant'],
    steps: { min: 1, max: 2_000 },
    batch: { min: 1, max: 256 },
    sequence: { min: 64, max: 1_024 },
    klBeta: { min: 0, max: 100 },
    generalBatch: { min: 0, max: 64 },
    l2spLambda: { min: 0, max: 10 },
    replayPpm: { min: 0, max: 1_000_000 },
    clipNorm: { min: 0.01, max: 10 },
    weightDecay: { min: 0, max: 0.1 },
    trustRegion: {
      required: false,
      klNatsPerByte: { min: 0.0001, max: 0.1 },
      weightRatio: { min: 0.001, max: 1 },
    },
  },
  allocationPolicies: [...POLICIES],
  syntheticTextPpm: 250_000,
};

export const violationSchema = z.strictObject({
  field: z.string(),
  value: z.union([z.number(), z.string(), z.null()]),
  allowed: z.string(),
});
export type Violation = Readonly<z.output<typeof violationSchema>>;
export type Range = Readonly<z.output<typeof rangeSchema>>;

export const outside = (field: string, value: number, range: Range): readonly Violation[] =>
  value >= range.min && value <= range.max ? [] : [{ field, value, allowed: `${range.min} to ${range.max}` }];

/** Every regime field outside the scope, in a fixed order; empty when the regime is permitted. */
export const scopeViolations = (scope: Scope, regime: Regime): readonly Violation[] => {
  const allowed = scope.regime;
  const ranged = rangedFields.flatMap((field) => outside(field, regime[field], allowed[field]));
  const decay = allowed.decay.includes(regime.decay)
    ? []
    : [{ field: 'decay', value: regime.decay, allowed: allowed.decay.join(' or ') }];
  if (regime.trustRegion === null) {
    const absent = { field: 'trustRegion', value: null, allowed: 'required' };
    return [...ranged, ...decay, ...(allowed.trustRegion.required ? [absent] : [])];
  }
  const { klNatsPerByte, weightRatio } = regime.trustRegion;
  return [
    ...ranged,
    ...decay,
    ...outside('trustRegion.klNatsPerByte', klNatsPerByte, allowed.trustRegion.klNatsPerByte),
    ...outside('trustRegion.weightRatio', weightRatio, allowed.trustRegion.weightRatio),
  ];
};

const PPM = 1_000_000;

type Shares = Readonly<Record<string, number>>;

/**
 * Whether text that a model wrote (`synthetic`) has more of an update's sequences than is allowed, new and remembered ones
 * together; the other replay is human text.
 */
export const syntheticViolations = (
  { syntheticTextPpm: most }: Scope,
  { replayPpm }: Pick<Regime, 'replayPpm'>,
  shares: Readonly<{ weightsPpm: Shares; replayWeightsPpm: Shares }>,
  synthetic: ReadonlySet<string>,
): readonly Violation[] => {
  const weightIn = (of: Shares): number =>
    Object.entries(of).reduce((sum, [name, ppm]) => sum + (synthetic.has(name) ? ppm : 0), 0);
  const [fresh, replayed] = [weightIn(shares.weightsPpm), weightIn(shares.replayWeightsPpm)];
  const share = Math.round((fresh * (PPM - replayPpm) + replayed * replayPpm) / PPM);
  return share <= most ? [] : [{ field: 'syntheticTextPpm', value: share, allowed: `at most ${most}` }];
};
