import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LmdbLog } from '#store/lmdb-log.js';
import { logContract } from './log.contract.js';

let folder = '';

logContract(
  'the embedded log',
  async () => {
    folder = await mkdtemp(join(tmpdir(), 'log-'));
    return LmdbLog.open(folder);
  },
  () => rm(folder, { recursive: true }),
);
