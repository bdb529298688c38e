import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '#ledger/digest.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { fresh } from '../contract/proposing.js';
import { temporaryFolder } from '../e2e/command-line.js';
import { ServiceProcess } from '../e2e/service-process.js';
import { RawClient } from './raw-client.js';

const RECORDS = 600;
const RECORD_BYTES = 60_000;
const [FOLLOWERS, BULK_READERS] = [150, 50];
/** Everything that waits for these clients is 7 GB; what is written to a socket and not taken, the machine itself holds. */
const MOST_GROWTH_MB = 500;
const UPLOAD = Buffer.alloc(400_000, 'weights');

const folder = temporaryFolder();
let service: ServiceProcess;
const clients: RawClient[] = [];
const pid = (): number => service.child.pid as number;

beforeAll(async () => {
  const data = folder.path('data');
  const log = await LmdbLog.open(join(data, 'log'));
  for (let at = 0; at < RECORDS; at += 1)
    await log.append('filling', 'any', [fresh({ text: 'x'.repeat(RECORD_BYTES) })]);
  await log.close();
  service = await ServiceProcess.start(data, '--no-trainer', '--log-level', 'warn');
}, 120_000);
afterEach(() => {
  for (const client of clients.splice(0)) client.vanish();
});
// Stopped before its folder goes.
afterAll(() => service?.kill());

const residentMb = async (): Promise<number> => {
  const status = await readFile(`/proc/${pid()}/status`, 'utf8');
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]) / 1000;
};
const openFiles = async (): Promise<number> => (await readdir(`/proc/${pid()}/fd`)).length;
const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 50));
};
const opened = async (opening: Promise<RawClient>): Promise<RawClient> => {
  const client = await opening;
  clients.push(client);
  return client;
};
const answersOthers = async (): Promise<void> => {
  for (const path of ['/livez', '/v1/log/head', `/v1/log/${RECORDS}`, '/v1/runs'])
    expect({ path, status: (await service.get(path)).status }).toEqual({ path, status: 200 });
};

const FOLLOWING = 'GET /v1/events HTTP/1.1\r\nhost: localhost\r\n\r\n';
/** The status of an answer that begins and may never end. */
const statusOf = async (client: RawClient): Promise<number> => {
  for await (const chunk of client.socket) return Number(/^HTTP\/1\.1 (\d+)/.exec(String(chunk))?.[1]);
  return 0;
};

it('readers that stop reading or sip cost no memory to speak of, and others are answered meanwhile', async () => {
  await answersOthers();
  const [before, files] = [await residentMb(), await openFiles()];
  const bulk = (at: number): string => `/v1/log?format=${at % 2 ? 'csv' : 'ndjson'}`;
  const paths = Array.from({ length: FOLLOWERS + BULK_READERS }, (_, at) =>
    at < FOLLOWERS ? '/v1/events?after=0' : bulk(at),
  );
  await Promise.all(paths.map((path) => opened(RawClient.stopping(service.url, path))));
  clients.filter((_, at) => at % 10 === 0).forEach((client) => client.sip(100));
  await answersOthers();
  expect((await residentMb()) - before).toBeLessThan(MOST_GROWTH_MB);
  expect(await statusOf(await RawClient.open(service.url, FOLLOWING))).toBe(200);
  for (const client of clients) client.vanish();
  await until(async () => (await openFiles()) < files + FOLLOWERS / 10);
}, 240_000);

it('clients that vanish in the middle of what they send leave nothing behind', async () => {
  const shelf = join(folder.path('data'), 'artifacts', sha256(UPLOAD).slice(0, 2));
  const onShelf = (): Promise<readonly string[]> => readdir(shelf).catch(() => []);
  const before = await openFiles();
  const head = `PUT /v1/artifacts/${sha256(UPLOAD)} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/octet-stream\r\n`;
  for (let at = 0; at < 20; at += 1) {
    const client = await opened(RawClient.open(service.url, `${head}content-length: ${UPLOAD.length}\r\n\r\n`));
    client.socket.write(UPLOAD.subarray(0, UPLOAD.length / 2));
  }
  await until(async () => (await onShelf()).length === clients.length);
  await answersOthers();
  for (const client of clients) client.vanish();
  await until(async () => (await onShelf()).length === 0);
  await until(async () => (await openFiles()) <= before);
  expect((await service.ask('PUT', `/v1/artifacts/${sha256(UPLOAD)}`, { body: UPLOAD })).status).toBe(204);
  expect(await onShelf()).toEqual([sha256(UPLOAD)]);
  // It is the client's doing, and no fault of the program.
  expect(service.stderr).not.toContain('"level":50');
}, 120_000);

it('a head that comes letter by letter is refused when its time is up, however it goes on', async () => {
  const client = await opened(RawClient.open(service.url, 'GET /livez HTTP/1.1\r\nhost: localhost\r\nx: '));
  const dripping = setInterval(() => client.socket.write('y'), 200);
  client.socket.once('close', () => clearInterval(dripping));
  await answersOthers();
  expect(await client.rest()).toMatch(/^HTTP\/1\.1 408 [^]*problem\+json[^]*head.* 10 s/);
}, 120_000);

it('a service that is told to stop waits for no reader that takes nothing', async () => {
  for (const path of ['/v1/events?after=0', '/v1/log?format=ndjson', '/v1/log?format=csv'])
    await opened(RawClient.stopping(service.url, path));
  expect(await service.stop()).toBe(0);
}, 120_000);
