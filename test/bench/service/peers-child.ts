import { PGlite } from '@electric-sql/pglite';
import fastify from 'fastify';

// What the service is compared with, in a process of its own: the same database without the service around it. First raw
// inserts of many rows at once, then a bare HTTP server that answers each request by one prepared select of one row.
const [, , count = '100000'] = process.argv;
const ROWS_TOGETHER = 500;
const SHARED = '16MB';

const database = await PGlite.create({
  startParams: [...PGlite.defaultStartParams, '-c', `shared_buffers=${SHARED}`, '-c', 'synchronous_commit=off'],
});
await database.exec('create table peers (position bigint primary key, run text not null, type text, said text)');
await database.exec('create index on peers (run, position)');
const said =
  'The candidate was shown 60 items of the gate suite: capability 37.2%, and so on to the end of a sentence.';
const rows = Number(count);
const [before, worked] = [performance.now(), process.cpuUsage()];
for (let from = 0; from < rows; from += ROWS_TOGETHER) {
  const values = Array.from({ length: Math.min(ROWS_TOGETHER, rows - from) }, (_, at) => {
    const position = from + at + 1;
    return `(${position}, 'run-${Math.floor(position / 100)}', 'ProbesRecorded', '${said}')`;
  });
  await database.exec(`insert into peers values ${values.join(',')}`);
}
const rowsPerSecond = (1000 * rows) / (performance.now() - before);
const { user, system } = process.cpuUsage(worked);
const cpuUs = (user + system) / rows;

const server = fastify();
server.get<{ Params: { position: string } }>('/:position', async ({ params }) => {
  const found = await database.query('select * from peers where position = $1', [Number(params.position)]);
  return found.rows[0];
});
const url = await server.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`${JSON.stringify({ url, rowsPerSecond, cpuUs })}\n`);
