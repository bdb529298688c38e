import { readFile, writeFile } from 'node:fs/promises';
import { afterEach, expect, it } from '@jest/globals';
import { runDigest } from '#ledger/digest.js';
import { collect } from '#ledger/ledger.js';
import type { Record } from '#ledger/record.js';
import { advanceRun } from '#loop/run-loop.js';
import { Child } from '../e2e/child-process.js';
import { temporaryFolder, type } from '../e2e/command-line.js';
import { prepareRunIn, recordsIn, untilLast } from '../e2e/prepared-run.js';
import { ServiceProcess } from '../e2e/service-process.js';
import { begin, smallFile, smallPorts } from '../simulation/small-run.js';

const STREAM = 'run-small';
const MINUTE_MS = 60_000;
const file = smallFile('small', {
  cycles: 6,
  constitution: { name: 'lenient', alphaPlan: { alpha: 0.5, kMax: 6 } },
});

const folder = temporaryFolder();
let service: ServiceProcess | undefined;
let trainer: Child | undefined;
afterEach(async () => {
  await trainer?.end('SIGKILL');
  await service?.kill();
});

const offBy = (): string => folder.path('clock-off-by');
const start = async (minutes: number, data: string, ...words: readonly string[]): Promise<ServiceProcess> => {
  await writeFile(offBy(), String(minutes * MINUTE_MS));
  const preload = new URL('clock-preload.js', import.meta.url).href;
  const env = { NODE_OPTIONS: `--import=${preload}`, CLOCK_OFF_BY: offBy() };
  service = await ServiceProcess.startIn(env, data, '--log-level', 'silent', '--no-trainer', '--lease', '60', ...words);
  return service;
};

/** Sets the clock of the service that runs, as somebody might set that of its machine. */
const set = async (minutes: number): Promise<void> => {
  const ms = String(minutes * MINUTE_MS);
  await writeFile(offBy(), ms);
  service?.child.kill('SIGUSR2');
  const seen = (): Promise<string> => readFile(`${offBy()}.seen`, 'utf8').catch(() => '');
  while ((await seen()) !== ms) await new Promise((resolve) => setTimeout(resolve, 10));
};

/** By how much the clock had gone back where it did, in minutes. */
const stepsBack = (records: readonly Record[]): readonly number[] =>
  records
    .map(({ recordedAt }, at) => Date.parse(records[at - 1]?.recordedAt ?? recordedAt) - Date.parse(recordedAt))
    .filter((ms) => ms > 0)
    .map((ms) => Math.round(ms / MINUTE_MS));

const inCycle = (data: string, kind: string, cycle: number): Promise<Record> =>
  untilLast(
    data,
    STREAM,
    (last) => Number(last.data['cycle']) > cycle || (last.type === kind && last.data['cycle'] === cycle),
  );

const calmDigest = async (): Promise<string> => {
  const calm = smallPorts();
  await begin(calm, file);
  await advanceRun(calm, 'small');
  await calm.shadow.close();
  return runDigest(await collect(calm.ledger.log.readStream(STREAM)));
};

it('a clock that is set back an hour, in a service at work and between two, changes nothing but recordedAt', async () => {
  const digest = await calmDigest();
  const data = folder.path('data');
  await prepareRunIn(data, file);
  const first = await start(0, data);
  const owner = await first.secret();
  const issue = async (): Promise<string> =>
    (
      await first.post<{ secret: string }>(
        '/v1/tokens',
        { name: 'olga', roles: ['viewer'], hours: 1 },
        { token: owner },
      )
    ).body.secret;
  const statusFor = async (token: string): Promise<number> =>
    ((await service?.get('/v1/log/head', { token })) ?? { status: 0 }).status;

  const early = await issue();
  expect(await statusFor(early)).toBe(200);
  await set(61);
  expect(await statusFor(early)).toBe(401);
  const late = await issue();
  expect(await statusFor(late)).toBe(200);

  trainer = Child.start(process.execPath, 'bin/prometheus-ledger.mjs', 'trainer', '--url', first.url);
  await inCycle(data, 'UpdateStarted', 1);
  await set(1);
  // What has expired stays so; what has not does not.
  expect([await statusFor(early), await statusFor(late)]).toEqual([401, 200]);
  await inCycle(data, 'UpdateStarted', 3);
  await first.kill();
  await start(-59, data, '--port', new URL(first.url).port);
  expect(await statusFor(late)).toBe(200);
  await untilLast(data, STREAM, ({ type: said }) => said === 'RunCompleted');

  const second = service as ServiceProcess;
  await second.until<{ status: string }>('/v1/runs/small', ({ body }) => body.status === 'completed');
  const listed = await second.get<{ items: { revision: number }[] }>('/v1/runs/small/events?limit=1000');
  expect(listed.body.items.map(({ revision }) => revision)).toEqual(listed.body.items.map((_, at) => at));
  const now = await second.get<{ live: boolean }>(`/v1/runs/small/live-at?time=${new Date().toISOString()}`);
  expect(now).toMatchObject({ status: 200, body: { live: true } });
  await trainer.end('SIGINT');
  expect(await second.stop()).toBe(0);

  const records = await recordsIn(data, STREAM);
  // An hour, less what passed between the two records, which is for the machine to say.
  expect(stepsBack(records).map((minutes) => minutes > 40 && minutes <= 60)).toEqual([true, true]);
  expect(records.map(({ revision }) => revision)).toEqual(records.map((_, at) => at));
  const aborted = records.filter(({ type: said }) => said === 'UpdateAborted').map(({ data: { reason } }) => reason);
  expect(aborted).not.toContain('lost');
  expect(runDigest(records)).toBe(digest);
  expect((await type(['verify', '--data', data, '--json'])).code).toBe(0);
}, 300_000);
