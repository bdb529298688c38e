import { z } from 'zod';
import { regimeSchema } from '#constitution/domain/regime.js';
import { signatureSchema } from '#key/domain/events.js';
import { event } from '#ledger/event.js';
import { countSchema, nameSchema, ppmSchema, artifactSchema } from '#ledger/schema.js';
import { forecastSchema, rememberedSchema } from '#memory/domain/forecast.js';
import { policySchema } from './config.js';

const cycle = countSchema;
const text = z.string().min(1).max(2000);

const proposedBefore = z.strictObject({
  cycle,
  /** The run's plan, or the rejection of the candidate before it. */
  trigger: z.enum(['schedule', 'rescue']),
  champion: artifactSchema,
  regime: regimeSchema,
  allocation: z.strictObject({
    policy: policySchema,
    weightsPpm: z.record(z.string(), ppmSchema),
    scores: z.record(z.string(), z.number()),
  }),
  batches: artifactSchema.nullable(),
  general: artifactSchema.nullable(),
  sentinel: artifactSchema,
  constitution: z.strictObject({ id: nameSchema, version: z.int().positive() }),
});
/** Version 1 knew no memory; a proposal made without any is written in it still. */
export const CycleProposed = event('CycleProposed', proposedBefore).next(
  proposedBefore.extend({
    /** Null where the run remembers no sequences, or nothing is trained. */
    memory: rememberedSchema.nullable(),
    /** Null where the run makes none, or nothing is trained. */
    forecast: forecastSchema.nullable(),
  }),
  (data) => ({ ...data, memory: null, forecast: null }),
  ({ memory, forecast, ...data }) => (memory || forecast ? undefined : data),
);

export const CycleRefused = event(
  'CycleRefused',
  z.strictObject({
    cycle,
    violations: z.array(z.strictObject({ field: z.string(), value: z.string(), allowed: z.string() })).min(1),
  }),
);

/**
 * Why a champion is left: a person asked; a drill, which comes back to it; its weights are damaged; an alarm over several
 * cycles; or it came out otherwise when it was judged again. After the last two the run is halted.
 */
export const rollbackCauseSchema = z.enum(['asked', 'drill', 'damage', 'drift', 'dispute']);
export type RollbackCause = z.output<typeof rollbackCauseSchema>;

const rollbackAsked = z.strictObject({ from: artifactSchema, to: artifactSchema, reason: text, requester: text });
/** Version 1 was always asked for by a person. */
export const RollbackRequested = event('RollbackRequested', rollbackAsked).next(
  rollbackAsked.extend({ cause: rollbackCauseSchema }),
  (data) => ({ ...data, cause: 'asked' as const }),
);
export const ChampionRolledBack = event(
  'ChampionRolledBack',
  z.strictObject({ from: artifactSchema, to: artifactSchema, reason: text }),
);
export const RollbackVerified = event(
  'RollbackVerified',
  z.strictObject({
    checkpoint: artifactSchema,
    suite: nameSchema,
    /** Artifact of the probe results; equal to the one recorded when the checkpoint was accepted. */
    results: artifactSchema,
    equal: z.boolean(),
  }),
);

export const RunHalted = event('RunHalted', z.strictObject({ reason: text, requester: text }));
export const RunResumed = event('RunResumed', z.strictObject({ reason: text, requester: text }));

export const LookOpened = event(
  'LookOpened',
  z.strictObject({ look: z.int().positive(), suite: nameSchema, checkpoints: z.array(artifactSchema).min(1) }),
);

export const RunCompleted = event(
  'RunCompleted',
  z.strictObject({
    cycles: countSchema,
    accepted: countSchema,
    rejected: countSchema,
    inconclusive: countSchema,
    champion: artifactSchema,
  }),
);

export const CycleRecovered = event('CycleRecovered', z.strictObject({ cycle, interrupted: text, resumedFrom: text }));

/**
 * Whoever begins from this completed run now starts a lineage of its own: its champion is the root anchor, and the alpha
 * plan counts anew. `root`, `judged` and `alphaSpent` are of the lineage that is left.
 */
export const AnchorReset = event(
  'AnchorReset',
  z.strictObject({
    anchor: artifactSchema,
    root: nameSchema,
    judged: countSchema,
    alphaSpent: z.number().nonnegative(),
    reason: text,
    requester: text,
    signatures: z.array(signatureSchema).min(1),
  }),
);
