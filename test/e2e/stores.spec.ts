import { jest } from '@jest/globals';
import { runDigest } from '#ledger/digest.js';
import { parseRecord, type Record } from '#ledger/record.js';
import { smallRun, temporaryFolder, type } from './command-line.js';
import { ServiceProcess } from './service-process.js';

jest.setTimeout(300_000);
const folder = temporaryFolder();
const RUN = smallRun({ cycles: 4 });
const STREAM = 'run-small';
const running: ServiceProcess[] = [];
afterAll(() => Promise.all(running.map((service) => service.stop())));

const serve = async (data: string, ...words: readonly string[]): Promise<ServiceProcess> => {
  const service = await ServiceProcess.start(folder.path(data), '--log-level', 'error', ...words);
  running.push(service);
  return service;
};
/** A log in a process of its own, in which no run goes on, at a port that it keeps. */
const serveLog = (port: string): Promise<ServiceProcess> => serve('log', '--no-loop', '--gateway-port', port);
const portOf = ({ stdout }: ServiceProcess): string => /esdb:\/\/127\.0\.0\.1:(\d+)\?tls=false/.exec(stdout)?.[1] ?? '';
const over = (port: string): readonly string[] =>
  `--store eventstore --eventstore esdb://127.0.0.1:${port}?tls=false`.split(' ');

const recordsOf = async (service: ServiceProcess): Promise<readonly Record[]> => {
  const { text } = await service.get(`/v1/log?format=ndjson&stream=${STREAM}`);
  const lines = text.split('\n').filter((line) => line !== '');
  return lines.map((line) => parseRecord(Buffer.from((JSON.parse(line) as { canonical: string }).canonical)));
};
/** Waits until the run has so many records, or is over. */
const until = async (service: ServiceProcess, count = Infinity): Promise<readonly Record[]> => {
  for (;;) {
    const records = await recordsOf(service).catch(() => []);
    if (records.length >= count || records.at(-1)?.type === 'RunCompleted') return records;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
const isReady = ({ status }: Readonly<{ status: number }>): boolean => status === 200;

test('a run comes to the same champion, outcomes and digest whether its log is embedded or in another process, which is killed twice meanwhile', async () => {
  const embedded = await serve('embedded');
  expect((await embedded.post('/v1/runs', RUN)).status).toBe(201);
  const calm = await until(embedded);
  await embedded.stop();

  let store = await serveLog('0');
  const port = portOf(store);
  const service = await serve('service', ...over(port));
  await service.until('/readyz', isReady);
  expect((await service.post('/v1/runs', RUN)).status).toBe(201);
  for (const count of [6, 16]) {
    const had = await until(service, count);
    expect(had.at(-1)?.type).not.toBe('RunCompleted');
    await store.kill();
    type Ready = Readonly<{ parts: Readonly<{ log: Readonly<{ ready: boolean; detail: string }> }> }>;
    const away = await service.until<Ready>('/readyz', ({ status, body }) => status === 503 && !body.parts.log.ready);
    expect(away.body.parts.log.detail).toMatch(
      /the event store at esdb:.* cannot be followed: .*tried again and again/,
    );
    store = await serveLog(port);
    await service.until('/readyz', isReady);
  }
  const records = await until(service);
  expect(runDigest(records)).toBe(runDigest(calm));
  const championOf = (all: readonly Record[]) => all.at(-1)?.data['champion'];
  expect(championOf(records)).toBe(championOf(calm));
  expect(records.map(({ revision }) => revision)).toEqual(records.map((_, at) => at));
  expect(new Set(records.map(({ id }) => id)).size).toBe(records.length);
  // The log itself has what the service says that it has.
  expect(await recordsOf(store)).toEqual(records);
  const verified = await type(['verify', '--url', service.url, '--json']);
  expect(verified).toMatchObject({ code: 0 });
  expect(await service.stop()).toBe(0);
  expect(await store.stop()).toBe(0);
});
