import { z } from 'zod';
import { event, type EventOf } from '#ledger/event.js';
import { countSchema, nameSchema, sha256Schema } from '#ledger/schema.js';
import { AccessDenied, PrivilegedCallMade, TokenIssued, TokenRevoked } from './access-events.js';
import { FINDING_KINDS } from './finding.js';
import { ArtifactErased, KeyRotated } from './log-events.js';
import { UpdateResultRefused } from './result-events.js';

/** A record holds little more; who wants all verifies again. */
export const MOST_DISPUTED = 500;

const message = z.string().min(1).max(2000);

/** The records before this one, `events` of them, were sound and have this root: a head to hold later states against. */
export const LogVerified = event(
  'LogVerified',
  z.strictObject({
    events: countSchema,
    root: sha256Schema,
    streams: countSchema,
    artifacts: countSchema,
    artifactBytes: countSchema,
  }),
);

const violation = z.strictObject({
  kind: z.enum(FINDING_KINDS),
  /** First bad position in this store; null where it cannot be told. */
  position: z.int().positive().nullable(),
  message,
  /** All findings of the verification, this one included. */
  findings: z.int().positive(),
  events: countSchema,
  root: sha256Schema,
});
/** `disputed`: cycles that did not come out the same when their run was judged again; version 1 did not name them. */
export const IntegrityViolationFound = event('IntegrityViolationFound', violation).next(
  violation.extend({ disputed: z.array(z.strictObject({ run: nameSchema, cycle: countSchema })).max(MOST_DISPUTED) }),
  (data) => ({ ...data, disputed: [] }),
);

/** A run was executed again from the log alone and came out the same. */
export const ReplayCompleted = event(
  'ReplayCompleted',
  z.strictObject({
    run: nameSchema,
    /** Cycles executed again; those of the whole run unless `cycle` names one. */
    cycles: countSchema,
    cycle: countSchema.nullable(),
    /** Records whose outcome digest is the recorded one. */
    matched: countSchema,
    runDigest: sha256Schema,
    env: z.strictObject({ build: z.string(), backend: z.string(), threads: countSchema, elapsedMs: z.number() }),
  }),
);

/** The first thing in which a replay differs from the record. */
export const ReplayDiverged = event(
  'ReplayDiverged',
  z.strictObject({
    run: nameSchema,
    cycle: countSchema.nullable(),
    matched: countSchema,
    /** The recorded event, and the field of its data. */
    revision: countSchema,
    event: z.string().min(1),
    field: z.string().min(1),
    /** Of differing weights: the first optimiser step and tensor. */
    step: countSchema.nullable(),
    tensor: z.string().nullable(),
    message,
    env: z.strictObject({ build: z.string(), backend: z.string(), threads: countSchema, elapsedMs: z.number() }),
  }),
);

export const auditEvents = [
  LogVerified,
  IntegrityViolationFound,
  ReplayCompleted,
  ReplayDiverged,
  TokenIssued,
  TokenRevoked,
  AccessDenied,
  PrivilegedCallMade,
  UpdateResultRefused,
  KeyRotated,
  ArtifactErased,
] as const;
export type AuditEvent = EventOf<(typeof auditEvents)[number]>;
