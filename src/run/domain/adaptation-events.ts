import { z } from 'zod';
import { regimeSchema } from '#constitution/domain/regime.js';
import { event } from '#ledger/event.js';
import { artifactSchema, countSchema } from '#ledger/schema.js';

const cycle = countSchema;

/** A candidate of its own: `champion + factor (rejected - champion)`, from weights that are there already. */
export const CandidateInterpolated = event(
  'CandidateInterpolated',
  z.strictObject({
    cycle,
    candidate: artifactSchema,
    champion: artifactSchema,
    /** The candidate that was rejected, and the cycle that made it. */
    parent: artifactSchema,
    parentCycle: countSchema,
    /** Exactly a binary32 number, so that every machine gets the same weights. */
    factor: z.number().positive().max(1),
    /** What the update behind it used. */
    steps: countSchema,
    tokens: countSchema,
  }),
);

/** The regime of this cycle and, by the same factors, of all after it. */
export const RegimeBackedOff = event(
  'RegimeBackedOff',
  z.strictObject({
    cycle,
    from: regimeSchema,
    to: regimeSchema,
    /** The rejected updates it answers. */
    rejected: z.array(countSchema).min(1),
  }),
);

/** The regime has backed off, or may not, and updates are rejected still. */
export const AdaptationStalled = event('AdaptationStalled', z.strictObject({ rejected: z.array(countSchema).min(1) }));
