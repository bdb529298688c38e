import { z } from 'zod';
import { event, type EventOf } from '#ledger/event.js';
import { nameSchema, sha256Schema } from '#ledger/schema.js';

/** 32 raw bytes. */
export const publicKeySchema = z
  .string()
  .regex(/^[A-Za-z0-9+/]{43}=$/, 'must be the 32 raw bytes of an Ed25519 public key in base64');
/** 64 bytes. */
export const signatureTextSchema = z
  .string()
  .regex(/^[A-Za-z0-9+/]{86}==$/, 'must be the 64 bytes of an Ed25519 signature in base64');

/** A person's signature of a statement; `keyId` tells which of their keys made it. */
export const signatureSchema = z.strictObject({
  name: nameSchema,
  keyId: sha256Schema,
  signature: signatureTextSchema,
});
export type Signature = Readonly<z.output<typeof signatureSchema>>;

const requester = z.string().min(1).max(200);

/** A person's public key is known from here on. Signed by people known before; the first one of a log by nobody. */
export const KeyRegistered = event(
  'KeyRegistered',
  z.strictObject({
    name: nameSchema,
    keyId: sha256Schema,
    publicKey: publicKeySchema,
    requester,
    signatures: z.array(signatureSchema),
  }),
);

/** What the key signs from here on counts for nothing; what it signed before stays signed. */
export const KeyRevoked = event(
  'KeyRevoked',
  z.strictObject({ name: nameSchema, keyId: sha256Schema, reason: z.string().min(1).max(2000), requester }),
);

export const keyEvents = [KeyRegistered, KeyRevoked] as const;
export type KeyEvent = EventOf<(typeof keyEvents)[number]>;
