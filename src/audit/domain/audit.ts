import type { Decision, Stream } from '#ledger/decider.js';
import { auditEvents, IntegrityViolationFound, LogVerified, type AuditEvent } from './events.js';
import type { Verification } from './finding.js';

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

/** Records a verification: its head when all was well, its first finding otherwise. */
export const recordVerification =
  (result: Verification): Decision<Audit, AuditEvents> =>
  () => {
    const { events, root, streams, artifacts, artifactBytes } = result;
    const [first] = result.findings;
    if (!first) return [LogVerified.of({ events, root, streams, artifacts, artifactBytes })];
    const findings = result.findings.length + result.findingsLeftOut;
    const message = first.message.slice(0, 2000);
    return [
      IntegrityViolationFound.of({ kind: first.kind, position: first.position, message, findings, events, root }),
    ];
  };
