import { spawnSync } from 'node:child_process';
import { runDigest } from '#ledger/digest.js';
import { collect } from '#ledger/ledger.js';
import type { Record } from '#ledger/record.js';
import { advanceRun } from '#loop/run-loop.js';
import { begin, smallFile, smallPorts } from '../simulation/small-run.js';
import { Child } from './child-process.js';
import { temporaryFolder, type } from './command-line.js';
import { prepareRunIn, recordsIn, untilLast } from './prepared-run.js';
import { ServiceProcess } from './service-process.js';

const folder = temporaryFolder();
const STREAM = 'run-small';
const children: { end(signal: NodeJS.Signals): Promise<unknown> }[] = [];
afterAll(() => Promise.all(children.map((child) => child.end('SIGKILL'))));

const serve = async (data: string, ...words: readonly string[]): Promise<ServiceProcess> => {
  const service = await ServiceProcess.start(data, '--log-level', 'silent', ...words);
  children.push({ end: () => service.kill() });
  return service;
};
const trainer = (url: string): Child => {
  const child = Child.start(process.execPath, 'bin/prometheus-ledger.mjs', 'trainer', '--url', url);
  children.push(child);
  return child;
};
const attemptOf = ({ data }: Record): number => (data['env'] as { attempt: number } | undefined)?.attempt ?? 0;
const until = (data: string, kind: string, attempt?: number): Promise<Record> =>
  untilLast(data, STREAM, (last) => last.type === kind && (attempt === undefined || attemptOf(last) === attempt));
const refusalsIn = async (data: string): Promise<readonly string[]> =>
  (await recordsIn(data, 'audit'))
    .filter((r) => r.type === 'UpdateResultRefused')
    .map(({ data: { reason, cycle, epoch } }) => `${reason} ${cycle} ${epoch}`);

const LONG_BASE = { steps: 900, batch: 8 };

it('survives trainers that lie, die, stop and outlive the service, and comes to the same run', async () => {
  const file = smallFile('small', { cycles: 1, base: LONG_BASE });
  const calm = smallPorts();
  await begin(calm, file);
  await advanceRun(calm, 'small');
  const digest = runDigest(await collect(calm.ledger.log.readStream(STREAM)));
  await calm.shadow.close();

  const data = folder.path('trainers');
  await prepareRunIn(data, file);
  const first = await serve(data, '--no-trainer', '--lease', '2');

  const claimed = await first.post<{ run: string; cycle: number; epoch: number; inputs: string[] }>(
    '/v1/trainer/claims',
    { build: 'liar/1', backend: 'none', threads: 1, contract: 'nc-1' },
  );
  expect(claimed).toMatchObject({ status: 200, body: { run: 'small', cycle: 0, epoch: 1, leaseSeconds: 2 } });
  const claim = '/v1/trainer/claims/small/0/1';
  const input = await first.get(`${claim}/artifacts/${claimed.body.inputs[0]}`);
  expect(input.status).toBe(200);
  expect((await first.get(`${claim}/artifacts/${'0'.repeat(64)}`)).status).toBe(404);
  const lie = await first.ask('PUT', `${claim}/artifacts/${'1'.repeat(64)}`, { body: Buffer.from('other bytes') });
  expect(lie).toMatchObject({ status: 422, body: { type: 'urn:prometheus-ledger:problem:wrong-hash' } });
  await until(data, 'UpdateRequested', 2);
  const late = await first.post(`${claim}/complete`, { candidate: '1'.repeat(64), receipt: '2'.repeat(64) });
  expect(late).toMatchObject({ status: 409, body: { type: 'urn:prometheus-ledger:problem:late' } });
  expect((await first.post(`${claim}/heartbeat`)).body).toEqual({ leaseSeconds: 0, cancelled: true });

  const dying = trainer(first.url);
  await until(data, 'UpdateStarted', 2);
  await dying.end('SIGKILL');
  await until(data, 'UpdateRequested', 3);

  // From here on nothing may be lost, on a machine however busy.
  expect(await first.stop()).toBe(0);
  const patient = ['--no-trainer', '--lease', '60', '--port', new URL(first.url).port];
  const middle = await serve(data, ...patient);
  const stopping = trainer(middle.url);
  await until(data, 'UpdateStarted', 3);
  await stopping.until('claimed');
  expect(await stopping.end('SIGINT')).toBe(0);
  expect(stopping.said).toContain('given back');
  await until(data, 'UpdateRequested', 4);

  const lasting = trainer(middle.url);
  await until(data, 'UpdateStarted', 4);
  await lasting.until('claimed');
  await middle.kill();
  const second = await serve(data, ...patient);
  await until(data, 'RunCompleted');
  expect(lasting.said).toContain('answers again');
  expect(await lasting.end('SIGINT')).toBe(0);
  expect(await second.stop()).toBe(0);

  const records = await recordsIn(data, STREAM);
  const aborted = records.filter((record) => record.type === 'UpdateAborted');
  expect(aborted.map((record) => [attemptOf(record), record.data['reason']])).toEqual([
    [1, 'lost'],
    [2, 'lost'],
    [3, 'cancelled'],
  ]);
  expect(records.filter((record) => record.type === 'UpdateProduced').map(attemptOf)).toEqual([4, 1]);
  expect(runDigest(records)).toBe(digest);
  const [lied, tooLate, ...onTheirWay] = await refusalsIn(data);
  expect([lied, tooLate]).toEqual(['wrong-hash 0 1', 'late 0 1']);
  // What a trainer that was stopped had sent may arrive after the end of its claim.
  for (const refusal of onTheirWay) expect(refusal).toMatch(/^late 0 [23]$/);
}, 240_000);

const python = spawnSync('python3', ['--version']).status === 0;
(python ? it : it.skip)(
  `gates what the Python example trained${python ? '' : ' [skipped: python3 is not installed]'}`,
  async () => {
    const data = folder.path('python');
    await prepareRunIn(data, smallFile('small', { cycles: 1, trainers: 'any' }));
    const service = await serve(data);
    const example = Child.start('python3', 'examples/bring-your-own-trainer.py', service.url);
    children.push(example);
    await until(data, 'RunCompleted');
    await example.end('SIGKILL');
    expect(await service.stop()).toBe(0);
    const [base, update] = (await recordsIn(data, STREAM)).filter((record) => record.type === 'UpdateProduced');
    expect(base?.data).toMatchObject({ cycle: 0, replayable: true });
    expect(update?.data).toMatchObject({ cycle: 1, replayable: false, steps: 40, receipt: null });
    expect(Number(update?.data['lossLastNats'])).toBeGreaterThan(0);
    expect((await recordsIn(data, STREAM)).some((record) => record.type === 'VerdictReached')).toBe(true);
    expect((await type(['verify', '--data', data])).code).toBe(0);
    const replayed = await type(['replay', 'small', '--data', data]);
    expect(replayed.code).toBe(0);
    expect(replayed.stdout).toContain('not bit-replayable: its candidate is taken from the record');
  },
  120_000,
);
