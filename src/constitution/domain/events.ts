import { z } from 'zod';
import { signatureSchema } from '#key/domain/events.js';
import { event, type EventOf } from '#ledger/event.js';
import { nameSchema } from '#ledger/schema.js';
import { constitutionSchema } from './document.js';

const versionSchema = z.int().positive();
const textSchema = z.string().min(1).max(2_000);

export const ConstitutionEnacted = event(
  'ConstitutionEnacted',
  z.strictObject({ version: z.literal(1), document: constitutionSchema }),
);

const amended = {
  version: versionSchema,
  document: constitutionSchema,
  changes: z
    .array(z.strictObject({ path: z.string(), before: z.string().nullable(), after: z.string().nullable() }))
    .min(1),
  reason: textSchema,
};

/**
 * Carries the whole new document and, for readers, what changed: `before` and `after` are JSON text, null where absent.
 * Version 1 names who approved, which nobody can check: read now, such an amendment has no signature.
 */
export const ConstitutionAmended = event(
  'ConstitutionAmended',
  z.strictObject({ ...amended, approvals: z.array(nameSchema) }),
).next(z.strictObject({ ...amended, signatures: z.array(signatureSchema) }), ({ approvals: _names, ...rest }) => ({
  ...rest,
  signatures: [],
}));

export const constitutionEvents = [ConstitutionEnacted, ConstitutionAmended] as const;
export type ConstitutionEvent = EventOf<(typeof constitutionEvents)[number]>;
