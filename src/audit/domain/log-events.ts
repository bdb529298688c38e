import { z } from 'zod';
import { event } from '#ledger/event.js';
import { countSchema, sha256Schema } from '#ledger/schema.js';

const key = z.string().regex(/^[A-Za-z0-9+/]{43}=$/, 'must be the 32 raw bytes of an Ed25519 public key in base64');
const signature = z.string().regex(/^[A-Za-z0-9+/]{86}==$/, 'must be the 64 bytes of an Ed25519 signature in base64');

/**
 * The owner has decided that an artifact's bytes go for good. The log names them still, so what depends on them can be seen
 * and not recomputed. `bytes`: null where it was damaged already.
 */
export const ArtifactErased = event(
  'ArtifactErased',
  z.strictObject({
    artifact: sha256Schema,
    bytes: countSchema.nullable(),
    reason: z.string().min(1).max(2000),
    requester: z.string().min(1).max(200),
  }),
);

/**
 * The log has another key: every checkpoint that covers this record is signed by it. The old key signed the hand-over, so
 * that whoever knew it knows the new one. Both halves here are public.
 */
export const KeyRotated = event(
  'KeyRotated',
  z.strictObject({
    /** Name of the log in its checkpoints. */
    origin: z.string().min(1).max(200),
    oldKey: key,
    newKey: key,
    /** By the old key, over its origin and both keys. */
    signature,
    reason: z.string().min(1).max(2000),
    requester: z.string().min(1).max(200),
  }),
);
