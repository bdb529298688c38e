import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Log } from '#ledger/log.js';
import { parseRecord, type Record } from '#ledger/record.js';
import { MemoryLog } from '#store/memory-log.js';

/** Where the records of experiments lie, and what their reports came to. */
export const REPORTS = join(process.cwd(), 'test', 'golden', 'report');

/** Records as they were written once. */
export const recordsOf = (file: string): readonly Record[] =>
  gunzipSync(readFileSync(join(REPORTS, file)))
    .toString('utf8')
    .trimEnd()
    .split('\n')
    .map((line) => parseRecord(Buffer.from(line, 'utf8')));

/** The log again, with some of its records changed or left out. */
export const logFrom = async (
  records: readonly Record[],
  change: (record: Record) => Partial<Record> | undefined = () => ({}),
): Promise<Log> => {
  const log = new MemoryLog();
  for (const record of records) {
    const changes = change(record);
    if (!changes) continue;
    const { stream, revision: _revision, ...proposed } = { ...record, ...changes };
    await log.append(stream, 'any', [proposed]);
  }
  return log;
};
