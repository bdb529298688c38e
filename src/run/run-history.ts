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
/** What a run's state no longer tells. Times are RFC 3339. */
export type RunHistory = Readonly<{ startedAt: string; lastEventAt: string; rollbacks: readonly Rollback[] }>;

/** @param records of the run's stream, in order */
export const historyOf = (records: readonly Record[]): RunHistory => {
  const rollbacks: Rollback[] = [];
  for (const record of records) {
    const { type, data } = decode(runEvents, record);
    if (type === 'RollbackRequested') rollbacks.push({ at: record.recordedAt, ...data, verified: null });
    const last = rollbacks.at(-1);
    if (type === 'RollbackVerified' && last) rollbacks[rollbacks.length - 1] = { ...last, verified: data.equal };
  }
  return { startedAt: records[0]?.recordedAt ?? '', lastEventAt: records.at(-1)?.recordedAt ?? '', rollbacks };
};
