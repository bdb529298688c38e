import { createHash } from 'node:crypto';
import { canonicalJson, type Record } from './record.js';

export const sha256 = (...parts: readonly (Uint8Array | string)[]): string => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest('hex');
};

/** Parts of `data` that faithful executions may differ in: the machine, tolerated floats, and where evidence stands. */
const APART = ['env', 'approx', 'cites'];

/** The part of an event's data that faithful executions agree in, to the last bit. */
export const outcomeData = (data: Record['data']): Record['data'] =>
  Object.fromEntries(Object.entries(data).filter(([key]) => !APART.includes(key)));

/**
 * Digest of what a record claims, the same in a replay, after a crash and on another store: type, version, stream and
 * data without `env`, `approx` and `cites`. The revision is left out since a recovery shifts it; order is covered by
 * {@link runDigest}.
 */
export const outcomeDigest = ({
  type,
  version,
  stream,
  data,
}: Pick<Record, 'type' | 'version' | 'stream' | 'data'>): string =>
  sha256(canonicalJson({ type, version, stream, data: outcomeData(data) }));

type Attempted = { cycle?: unknown; reason?: unknown; env?: { attempt?: unknown } };
const attemptOf = (record: Record): string => {
  const data = record.data as Attempted;
  return `${String(data.cycle)}/${String(data.env?.attempt)}`;
};

/** Reasons that say something about a machine, not about the update. */
const INTERRUPTIONS = ['crash', 'cancelled', 'lost'];

/** The records of a run that are its outcome: without recoveries, interrupted attempts and their starts. */
export const outcomes = (records: readonly Record[]): readonly Record[] => {
  const interrupted = new Set(
    records
      .filter((r) => r.type === 'UpdateAborted' && INTERRUPTIONS.includes(String((r.data as Attempted).reason)))
      .map(attemptOf),
  );
  const ofAttempt = ['UpdateRequested', 'UpdateStarted', 'UpdateAborted'];
  return records.filter(
    (r) => r.type !== 'CycleRecovered' && !(ofAttempt.includes(r.type) && interrupted.has(attemptOf(r))),
  );
};

/** SHA-256 over the outcome digests of a run's stream in order: one number for what the run did. */
export const runDigest = (records: readonly Record[]): string =>
  sha256(...outcomes(records).map((record) => Buffer.from(outcomeDigest(record), 'hex')));
