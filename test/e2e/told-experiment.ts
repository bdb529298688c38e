import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { parseRecord } from '#ledger/record.js';
import { LmdbLog } from '#store/lmdb-log.js';

const RECORDS = join(process.cwd(), 'test', 'golden', 'report', 'records.jsonl.gz');

/** Puts the log of a whole experiment into a data folder: `drug`, of three arms and two seeds, concluded. No artifact is there. */
export const tellExperimentIn = async (data: string): Promise<void> => {
  const log = await LmdbLog.open(join(data, 'log'));
  try {
    for (const line of gunzipSync(readFileSync(RECORDS)).toString('utf8').trimEnd().split('\n')) {
      const { stream, revision: _revision, ...proposed } = parseRecord(Buffer.from(line, 'utf8'));
      await log.append(stream, 'any', [proposed]);
    }
  } finally {
    await log.close();
  }
};
