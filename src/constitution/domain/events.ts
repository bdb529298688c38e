import { z } from 'zod';
import { event, type EventOf } from '#ledger/event.js';
import { nameSchema } from '#ledger/schema.js';
import { constitutionSchema } from './document.js';

const versionSchema = z.int().positive();
const textSchema = z.string().min(1).max(2_000);

export const ConstitutionEnacted = event(
  'ConstitutionEnacted',
  z.strictObject({ version: z.literal(1), document: constitutionSchema }),
);

/** Carries the whole new document and, for readers, what changed: `before` and `after` are JSON text, null where absent. */
export const ConstitutionAmended = event(
  'ConstitutionAmended',
  z.strictObject({
    version: versionSchema,
    document: constitutionSchema,
    changes: z
      .array(z.strictObject({ path: z.string(), before: z.string().nullable(), after: z.string().nullable() }))
      .min(1),
    reason: textSchema,
    approvals: z.array(nameSchema),
  }),
);

export const constitutionEvents = [ConstitutionEnacted, ConstitutionAmended] as const;
export type ConstitutionEvent = EventOf<(typeof constitutionEvents)[number]>;
