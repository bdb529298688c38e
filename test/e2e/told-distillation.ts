import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { collect } from '#ledger/ledger.js';
import { type as typed } from './command-line.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { tinyDistillation } from './tiny-distillation.js';

/** How far the second one is: its teacher and its first arm, of which nothing was examined. */
const OF_SECOND = 4;

/** The same records under another name, as those of an experiment that is under way. */
const tellSecond = async (data: string, experiment: string): Promise<void> => {
  const log = await LmdbLog.open(join(data, 'log'));
  try {
    const records = await collect(log.readStream('distillation-tiny'));
    for (const { id, data: told, ...record } of records.slice(0, OF_SECOND)) {
      const { stream: _stream, revision: _revision, ...proposed } = record;
      const config = told['config'] as object | undefined;
      const changed = config && { config: { ...config, distillation: 'second' }, experiment };
      const event = { ...proposed, id: `${id.slice(0, -4)}ffff`, data: { ...told, ...changed } };
      await log.append('distillation-second', 'any', [event]);
    }
  } finally {
    await log.close();
  }
};

/** Puts a finished distillation `tiny` into a data folder, and `second`, of an experiment, which is under way. */
export const tellDistillationsIn = async (data: string, path: string, experiment = 'study'): Promise<void> => {
  await writeFile(path, JSON.stringify(tinyDistillation));
  const { code, stderr } = await typed(['--data', data, 'distillation', 'run', path]);
  if (code !== 0) throw new Error(`distillation run ended with ${code}: ${stderr}`);
  await tellSecond(data, experiment);
};
