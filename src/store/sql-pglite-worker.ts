import { parentPort, workerData } from 'node:worker_threads';
import { PGlite, types } from '@electric-sql/pglite';
import { NamedStatements } from './sql-named-statements.js';
import type { Answer, Asked, Opened, Row } from './sql-pglite-pool.js';

// PGlite in a thread of its own: a statement there holds nobody up here, and what breaks there can be started again.
const port = parentPort;
if (!port) throw new Error('sql-pglite-worker: it is started by the service, as a worker');
const { dataDir, startParams } = workerData as Opened;
/** JSON is read by whoever gets it: as text it goes from thread to thread at a tenth of the cost. */
const asText = (text: string): string => text;
const parsers = { [types.INT8]: Number, [types.JSON]: asText, [types.JSONB]: asText };
const pglite = await PGlite.create({ dataDir, startParams, parsers });
const statements = new NamedStatements(pglite);

const isJson = (type: number): boolean => type === types.JSON || type === types.JSONB;

const run = async ({ sql, parameters }: Asked): Promise<Answer> => {
  try {
    const result = await statements.run(sql, parameters);
    const { command = '', affectedRows: rowCount = 0, rows = [], fields = [] } = result ?? {};
    const json = fields.filter(({ dataTypeID }) => isJson(dataTypeID)).map(({ name }) => name);
    return { command, rowCount, rows: rows as Row[], json };
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
