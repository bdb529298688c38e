import type { Log } from '#ledger/log.js';
import type { Proposed, Record } from '#ledger/record.js';

type Change = Readonly<{ type?: string; data?: Record['data'] }>;

/**
 * Writes a log again as a forger wants it who owns the disk: every record, hash and root is whole, and what a record says is
 * what the forger made of it. Undefined: the log ends before this record.
 */
export const rewrite = async (
  from: Log,
  to: Log,
  forger: (record: Record) => Change | undefined | Promise<Change | undefined>,
): Promise<void> => {
  for await (const { record } of from.readAll()) {
    const change = await forger(record);
    if (!change) return;
    const { stream, revision, ...proposed } = record;
    const forged: Proposed = { ...proposed, ...change };
    await to.append(stream, revision === 0 ? 'no-stream' : revision - 1, [forged]);
  }
};
