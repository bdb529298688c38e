import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { collect } from '#ledger/ledger.js';
import { type as typed } from './command-line.js';
import { LmdbLog } from '#store/lmdb-log.js';

const tiny = { dModel: 32, dState: 16, headDim: 16 };
/** Teacher and three students in a few seconds. */
const FILE = {
  distillation: 'tiny',
  seed: 7,
  sequence: 64,
  teacher: {
    model: { ...tiny, dModel: 64, layers: 2, attention: [1] },
    training: { steps: 40, batch: 8, learningRate: 0.004 },
  },
  student: { model: { ...tiny, layers: 2 }, training: { steps: 12, batch: 8, learningRate: 0.004 } },
  traces: { sequences: 48, logits: 4 },
  layers: { teacher: 1, student: 1 },
  arms: [
    { arm: 'none' },
    { arm: 'both', taskWeight: 0.5, logits: { weight: 1, temperature: 2 }, hidden: 0.5 },
    { arm: 'shuffled', hidden: 0.5, shuffled: true },
  ],
  evaluation: { items: 30, documents: 40, alignment: 4 },
};

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
  await writeFile(path, JSON.stringify(FILE));
  const { code, stderr } = await typed(['--data', data, 'distillation', 'run', path]);
  if (code !== 0) throw new Error(`distillation run ended with ${code}: ${stderr}`);
  await tellSecond(data, experiment);
};
