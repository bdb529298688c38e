import { z } from 'zod';
import { signatureSchema } from '#key/domain/events.js';
import { event, type EventOf } from '#ledger/event.js';
import { nameSchema } from '#ledger/schema.js';
import { constitutionSchema } from './document.js';

const versionSchema = z.int().positive();
const textSchema = z.string().min(1).max(2_000);

/** Documents that could not say what an alarm is answered by; those that do not are still written so. */
const documentBefore = constitutionSchema.omit({ onDrift: true });
type Holding = Readonly<{ document: z.output<typeof constitutionSchema> }>;
const asBefore = <T extends Holding>({ document, ...rest }: T) => {
  const { onDrift, ...before } = document;
  return onDrift ? undefined : { ...rest, document: before };
};

const enacted = z.strictObject({ version: z.literal(1), document: constitutionSchema });
export const ConstitutionEnacted = event('ConstitutionEnacted', enacted.extend({ document: documentBefore })).next(
  enacted,
  (data) => data,
  asBefore,
);

const amended = {
  version: versionSchema,
  document: documentBefore,
  changes: z
    .array(z.strictObject({ path: z.string(), before: z.string().nullable(), after: z.string().nullable() }))
    .min(1),
  reason: textSchema,
};

const signed = z.strictObject({ ...amended, signatures: z.array(signatureSchema) });

/**
 * Carries the whole new document and, for readers, what changed: `before` and `after` are JSON text, null where absent.
 * Version 1 names who approved, which nobody can check: read now, such an amendment has no signature.
 */
export const ConstitutionAmended = event(
  'ConstitutionAmended',
  z.strictObject({ ...amended, approvals: z.array(nameSchema) }),
)
  .next(signed, ({ approvals: _names, ...rest }) => ({ ...rest, signatures: [] }))
  .next(signed.extend({ document: constitutionSchema }), (data) => data, asBefore);

export const constitutionEvents = [ConstitutionEnacted, ConstitutionAmended] as const;
export type ConstitutionEvent = EventOf<(typeof constitutionEvents)[number]>;
