import type { Decision, Stream } from '#ledger/decider.js';
import { auditEvents, IntegrityViolationFound, LogVerified, type AuditEvent } from './events.js';
import type { Finding, Verification } from './finding.js';

/** Every record is as it was written, and yet not every verdict follows from its evidence. */
const JUDGED_OTHERWISE: Finding = {
  position: null,
  kind: 'judged otherwise',
  message: 'the records are whole, but a run does not come out the same when it is judged again',
};

type AuditEvents = (typeof auditEvents)[number];

/** A size of the log and the root over its records up to there. */
export type Head = Readonly<{ size: number; root: string }>;

/** What the audit remembers: the head of the last verification that found nothing. */
export type Audit = Readonly<{ verified: Head | undefined }>;

/** One stream for the whole log, with the empty id. */
export const auditStream: Stream<Audit, AuditEvents> = {
  name: 'audit',
  events: auditEvents,
  initial: { verified: undefined },
  evolve: (state, event: AuditEvent) =>
    event.type === 'LogVerified' ? { verified: { size: event.data.events, root: event.data.root } } : state,
};

/** Records a verification: its head when all was well, its first finding otherwise; verdicts are part of all. */
export const recordVerification =
  (result: Verification): Decision<Audit, AuditEvents> =>
  () => {
    const { events, root, streams, artifacts, artifactBytes } = result;
    if (result.ok) return [LogVerified.of({ events, root, streams, artifacts, artifactBytes })];
    const { kind, position, message } = result.findings[0] ?? JUDGED_OTHERWISE;
    const findings = Math.max(1, result.findings.length + result.findingsLeftOut);
    return [IntegrityViolationFound.of({ kind, position, message: message.slice(0, 2000), findings, events, root })];
  };
