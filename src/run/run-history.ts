import { decode } from '#ledger/ledger.js';
import type { Record } from '#ledger/record.js';
import { runEvents } from './domain/events.js';

/** `at`: RFC 3339. `verified`: whether the checkpoint probed as when it was accepted; null before it was probed again. */
export type Rollback = Readonly<{
  at: string;
  requester: string;
  from: string;
  to: string;
  /** asked, drill, damage, drift or dispute. */
  cause: string;
  reason: string;
  verified: boolean | null;
}>;
/** `at`: RFC 3339. Who signed that whoever begins from the run's champion starts a lineage anew, and why. */
export type Reset = Readonly<{ at: string; anchor: string; root: string; reason: string; signers: readonly string[] }>;
/** What a run's state no longer tells. Times are RFC 3339. */
export type RunHistory = Readonly<{
  startedAt: string;
  lastEventAt: string;
  rollbacks: readonly Rollback[];
  anchorReset: Reset | null;
}>;

/** @param records of the run's stream, in order */
export const historyOf = (records: readonly Record[]): RunHistory => {
  const rollbacks: Rollback[] = [];
  let anchorReset: Reset | null = null;
  for (const record of records) {
    const { type, data } = decode(runEvents, record);
    if (type === 'RollbackRequested') rollbacks.push({ at: record.recordedAt, ...data, verified: null });
    if (type === 'AnchorReset') {
      const { anchor, root, reason, signatures } = data;
      anchorReset = { at: record.recordedAt, anchor, root, reason, signers: signatures.map(({ name }) => name) };
    }
    const last = rollbacks.at(-1);
    if (type === 'RollbackVerified' && last) rollbacks[rollbacks.length - 1] = { ...last, verified: data.equal };
  }
  return {
    startedAt: records[0]?.recordedAt ?? '',
    lastEventAt: records.at(-1)?.recordedAt ?? '',
    rollbacks,
    anchorReset,
  };
};
