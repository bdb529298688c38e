import type { Decision, Stream } from '#ledger/decider.js';
import type { EventOf } from '#ledger/event.js';
import {
  auditEvents,
  IntegrityViolationFound,
  LogVerified,
  MOST_DISPUTED,
  ReplayCompleted,
  ReplayDiverged,
  type AuditEvent,
} from './events.js';
import type { Disagreement, Finding, Verification } from './finding.js';
import { evolveErasures, type Erasures } from './erasures.js';
import type { LogKeys } from './log-keys.js';
import { evolveTokens, type Tokens } from './tokens.js';

/** Every record is as it was written, and yet not every verdict follows from its evidence. */
const JUDGED_OTHERWISE: Finding = {
  position: null,
  kind: 'judged otherwise',
  message: 'the records are whole, but not everything comes out the same when it is judged again',
};

type Dispute = EventOf<typeof IntegrityViolationFound>['data']['disputed'][number];
type AuditEvents = (typeof auditEvents)[number];

/** A size of the log and the root over its records up to there. */
export type Head = Readonly<{ size: number; root: string }>;

/** What the audit remembers: the head of the last verification that found nothing, every token, the log's key, and what was erased. */
export type Audit = Readonly<{ verified: Head | undefined }> & Tokens & LogKeys & Erasures;

const evolve = (state: Audit, event: AuditEvent): Audit => {
  switch (event.type) {
    case 'LogVerified':
      return { ...state, verified: { size: event.data.events, root: event.data.root } };
    case 'TokenIssued':
    case 'TokenRevoked':
      return { ...state, ...evolveTokens(state, event) };
    case 'KeyRotated':
      return { ...state, logKey: event.data.newKey };
    case 'ArtifactErased':
      return evolveErasures(state, event);
    default:
      return state;
  }
};

/** One stream for the whole log, with the empty id. */
export const auditStream: Stream<Audit, AuditEvents> = {
  name: 'audit',
  events: auditEvents,
  initial: { verified: undefined, tokens: [] },
  evolve,
};

const disputedIn = (disagreements: readonly Disagreement[]): Dispute[] => {
  const cycles = new Map(disagreements.map(({ run, cycle }) => [`${run}/${cycle}`, { run, cycle }]));
  return [...cycles.values()].slice(0, MOST_DISPUTED);
};

/**
 * Records a verification: its head when all was well, its first finding otherwise; verdicts are part of all.
 * @param disagreements what came out otherwise when runs were judged again
 */
export const recordVerification =
  (result: Verification, disagreements: readonly Disagreement[] = []): Decision<Audit, AuditEvents> =>
  () => {
    const { events, root, streams, artifacts, artifactBytes } = result;
    if (result.ok) return [LogVerified.of({ events, root, streams, artifacts, artifactBytes })];
    const { kind, position, message } = result.findings[0] ?? JUDGED_OTHERWISE;
    const findings = Math.max(1, result.findings.length + result.findingsLeftOut);
    const disputed = disputedIn(disagreements);
    const said = { kind, position, message: message.slice(0, 2000), findings, disputed };
    return [IntegrityViolationFound.of({ ...said, events, root })];
  };

/** A replay as it is recorded: of one cycle, or of the whole run (null). `runDigest` is the recorded one of the whole run. */
export type ReplayOutcome = Readonly<{
  run: string;
  cycle: number | null;
  cycles: number;
  eventsMatched: number;
  runDigest: string;
  divergence: Readonly<{
    type: string;
    revision: number;
    field: string;
    recorded: string;
    replayed: string;
    step?: number;
    tensor?: string;
  }> | null;
}>;
type ReplayEnv = EventOf<typeof ReplayCompleted>['data']['env'];

/** Records a replay: that it was equal, or the first thing that was not. */
export const recordReplay =
  (outcome: ReplayOutcome, env: ReplayEnv): Decision<Audit, AuditEvents> =>
  () => {
    const { run, cycle, cycles, eventsMatched: matched, runDigest, divergence } = outcome;
    if (!divergence) return [ReplayCompleted.of({ run, cycle, cycles, matched, runDigest, env })];
    const { type, revision, field, recorded, replayed, step = null, tensor = null } = divergence;
    const message = `recorded ${recorded}, replayed ${replayed}`.slice(0, 2000);
    return [ReplayDiverged.of({ run, cycle, matched, revision, event: type, field, step, tensor, message, env })];
  };
