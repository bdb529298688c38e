import { z } from 'zod';
import { event } from '#ledger/event.js';
import { nameSchema, sha256Schema } from '#ledger/schema.js';

/** What the holder of a token may do. Operators and auditors may look on as viewers do. */
export const ROLES = ['viewer', 'operator', 'auditor', 'trainer'] as const;
export type Role = (typeof ROLES)[number];

/** Why somebody was turned away. */
export const DENIALS = ['no token', 'unknown token', 'expired', 'revoked', 'right', 'host', 'origin'] as const;
export type Denial = (typeof DENIALS)[number];

/** Different calls that one event counts by name; the rest are in `count` only. */
export const MOST_CALLS = 50;

const count = z.int().positive();
const minute = z.iso.datetime();
const identity = z.string().min(1).max(200);

/** A secret was given out. Only its SHA-256 is kept: whoever reads the log cannot use the token. */
export const TokenIssued = event(
  'TokenIssued',
  z.strictObject({
    token: z.uuid(),
    /** Who holds it: the id under which their commands are recorded. */
    name: nameSchema,
    secretHash: sha256Schema,
    roles: z.array(z.enum(ROLES)).min(1),
    expiresAt: z.iso.datetime(),
    requester: identity,
  }),
);

export const TokenRevoked = event('TokenRevoked', z.strictObject({ token: z.uuid(), requester: identity }));

/** Requests of one identity that were turned away within one minute: one event, however many they were. */
export const AccessDenied = event(
  'AccessDenied',
  z.strictObject({
    identity,
    minute,
    count,
    reasons: z.array(z.strictObject({ reason: z.enum(DENIALS), count })).min(1),
  }),
);

/** Calls of one identity that need more than the right to look on, within one minute. */
export const PrivilegedCallMade = event(
  'PrivilegedCallMade',
  z.strictObject({
    identity,
    minute,
    count,
    calls: z
      .array(z.strictObject({ call: z.string().min(1).max(200), count }))
      .min(1)
      .max(MOST_CALLS),
  }),
);
