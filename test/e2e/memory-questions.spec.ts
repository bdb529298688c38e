import type { Problem } from '#doors/problem.js';
import type { MemoryView } from '#memory/memory.view.js';
import { smallFile } from '../simulation/small-run.js';
import { temporaryFolder } from './command-line.js';
import { lookInto, prepareRunIn, recordsIn, untilLast } from './prepared-run.js';
import { ServiceProcess } from './service-process.js';

const folder = temporaryFolder();
let data: string;
let service: ServiceProcess;

beforeAll(async () => {
  data = folder.path('remembering');
  await prepareRunIn(data, smallFile('small', { memory: { episodic: {}, predictive: {} } }));
  service = await ServiceProcess.start(data, '--log-level', 'silent');
  await untilLast(data, 'run-small', ({ type }) => type === 'RunCompleted');
}, 120_000);
afterAll(() => service.stop());

it('answers what the run remembers and how well it foresaw, as of any position', async () => {
  const { status, body } = await service.get<MemoryView>('/v1/runs/small/memory');
  expect(status).toBe(200);
  expect(body).toMatchObject({ run: 'small', episodic: { cycle: 2 } });
  expect(body.competence.map(({ domain }) => domain)).toEqual(['dyck', 'sort', 'english']);
  expect(body.forecasts).toHaveLength(8);
  expect(body.skill.at(-1)).toMatchObject({ of: 'acceptance', score: 'brier', count: 2 });
  expect(body.sentence).toMatch(/^against the run's own past, forecasts /);
  const proposed = (await recordsIn(data, 'run-small')).find(({ type }) => type === 'CycleProposed');
  const memory = proposed?.data['memory'] as { sequences: string } | undefined;
  const listed = await service.get(`/v1/artifacts/${memory?.sequences}`);
  expect(listed.status).toBe(200);
  const second = await lookInto(data, async (log) => {
    const proposals: number[] = [];
    for await (const { position } of log.readAll({ types: ['CycleProposed'] })) proposals.push(position);
    return proposals[1] ?? 0;
  });
  const earlier = await service.get<MemoryView>(`/v1/runs/small/memory?asOf=${second - 1}`);
  expect(earlier.body).toMatchObject({ asOf: second - 1, episodic: { cycle: 1 } });
  expect(earlier.body.forecasts).toHaveLength(4);
});

it('answers the same in the graph', async () => {
  const query = '{ run(name: "small") { memory { sentence skill { of score count skill } episodic { count } } } }';
  const { body } = await service.post<{ data: { run: { memory: MemoryView } } }>('/graphql', { query });
  const rest = await service.get<MemoryView>('/v1/runs/small/memory');
  const { sentence, episodic } = rest.body;
  expect(body.data.run.memory).toMatchObject({ sentence, episodic: { count: episodic?.count } });
});

it.each([
  ['/v1/runs/nobody/memory', 404],
  ['/v1/runs/A%20b/memory', 400],
  ['/v1/runs/small/memory?asOf=-1', 400],
])('refuses %s with %i', async (path, status) => {
  const refused = await service.get<Problem>(path);
  expect(refused.status).toBe(status);
  expect(refused.body.detail).toBeTruthy();
});
