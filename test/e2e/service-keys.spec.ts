import { smallRun, temporaryFolder, type } from './command-line.js';
import { recordsIn } from './prepared-run.js';
import { ServiceProcess } from './service-process.js';

const folder = temporaryFolder();
let service: ServiceProcess | undefined;
afterEach(() => service?.kill());

const keyed = (key: string) => ({ headers: { 'idempotency-key': key } });
type Said = Readonly<{ type: string; detail: string; run: string }>;
const REUSED = { status: 422, type: 'urn:prometheus-ledger:problem:key-reused' };

it('a key is known after a kill: another command under it is refused, the same one is answered again', async () => {
  const data = folder.path('data');
  const held = smallRun({ run: 'held', cycles: 200 });
  service = await ServiceProcess.start(data, '--no-trainer');
  expect((await service.post('/v1/runs', held, keyed('one'))).status).toBe(201);
  expect((await service.post('/v1/runs/held/halt', { reason: 'night' }, keyed('two'))).status).toBe(200);
  await service.kill();

  service = await ServiceProcess.start(data, '--no-trainer');
  const ask = async (path: string, body: unknown, key: string): Promise<unknown> => {
    const answer = await service?.post<Said>(path, body, keyed(key));
    return { status: answer?.status, type: answer?.body.type };
  };
  const size = async (): Promise<unknown> => (await service?.get('/v1/log/head'))?.body;
  const before = await size();
  // Another body, another stream, another route: in each the log has never seen the key.
  expect(await ask('/v1/runs', smallRun({ run: 'other' }), 'one')).toEqual(REUSED);
  expect(await ask('/v1/runs', smallRun({ run: 'other' }), 'two')).toEqual(REUSED);
  expect(await ask('/v1/runs/held/resume', { reason: 'night' }, 'one')).toEqual(REUSED);
  const query = 'mutation { haltRun(run: "held", input: { reason: "night" }, idempotencyKey: "two") { run } }';
  expect((await service.post('/graphql', { query })).text).toContain('the same key was used for another command');
  expect(await size()).toEqual(before);

  const again = await service.post<Said>('/v1/runs', held, keyed('one'));
  expect({ status: again.status, run: again.body.run }).toEqual({ status: 201, run: 'held' });
  expect(await size()).toEqual(before);
  expect((await service.post('/v1/runs/held/resume', { reason: 'morning' }, keyed('three'))).status).toBe(200);
  expect(await service.stop()).toBe(0);
  const records = await recordsIn(data, 'run-held');
  expect(records.map(({ type: said }) => said).filter((said) => said !== 'UpdateRequested')).toEqual([
    'RunStarted',
    'RunHalted',
    'RunResumed',
  ]);
  expect((await type(['verify', '--data', data, '--json'])).code).toBe(0);
}, 120_000);
