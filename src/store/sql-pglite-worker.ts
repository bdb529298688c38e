import { parentPort, workerData } from 'node:worker_threads';
import { PGlite, types } from '@electric-sql/pglite';
import { NamedStatements } from './sql-named-statements.js';
import type { Answer, Asked, Opened } from './sql-pglite-pool.js';

// PGlite in a thread of its own: a statement there holds nobody up here, and what breaks there can be started again.
const port = parentPort;
if (!port) throw new Error('sql-pglite-worker: it is started by the service, as a worker');
const { dataDir, startParams } = workerData as Opened;
const pglite = await PGlite.create({ dataDir, startParams, parsers: { [types.INT8]: Number } });
const statements = new NamedStatements(pglite);

const run = async ({ sql, parameters }: Asked): Promise<Answer> => {
  try {
    const result = await statements.run(sql, parameters);
    return { command: result?.command ?? '', rowCount: result?.affectedRows ?? 0, rows: result?.rows ?? [] };
  } catch (error) {
    const { message, code } = error as Readonly<{ message: string; code?: string }>;
    return { message, code };
  }
};

port.on('message', (asked: Asked | 'close') => {
  if (asked !== 'close') return void run(asked).then((answer) => port.postMessage(answer));
  return void pglite.close().finally(() => port.close());
});
port.postMessage('open');
