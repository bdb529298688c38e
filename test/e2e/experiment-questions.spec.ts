import type { EnvelopeView } from '#experiment/envelope.view.js';
import type { OptimismView } from '#experiment/optimism.view.js';
import type { RetentionView } from '#experiment/retention.view.js';
import type { Page } from '#doors/page.js';
import type { Problem } from '#doors/problem.js';
import type { CheckpointLineageView } from '#run/checkpoint.view.js';
import type { LineageView } from '#run/lineage.view.js';
import type { SuiteView } from '#suite/suite.view.js';
import { smallFile } from '../simulation/small-run.js';
import { temporaryFolder } from './command-line.js';
import { prepareRunIn, recordsIn, untilLast } from './prepared-run.js';
import { ServiceProcess } from './service-process.js';

const folder = temporaryFolder();
let data: string;
let service: ServiceProcess;

beforeAll(async () => {
  data = folder.path('asked');
  await prepareRunIn(data, smallFile('small'));
  service = await ServiceProcess.start(data, '--log-level', 'silent');
  await untilLast(data, 'run-small', ({ type }) => type === 'RunCompleted');
}, 120_000);
afterAll(() => service.stop());

it('answers whether it helped, with the curves and in a sentence', async () => {
  const { status, body } = await service.get<EnvelopeView>('/v1/runs/small/envelope');
  expect(status).toBe(200);
  expect(body).toMatchObject({ runs: ['small'], source: 'report', descriptive: true });
  expect(body.curves.map(({ curve, metric, points }) => [curve, metric, points.length])).toEqual(
    ['proposal', 'accepted'].flatMap((curve) => [
      [curve, 'capability', 3],
      [curve, 'general-bits-per-byte', 3],
    ]),
  );
  const earlier = await service.get<EnvelopeView>(`/v1/runs/small/envelope?asOf=${body.asOf - 4}`);
  expect(earlier.body).toMatchObject({ source: 'gate', asOf: body.asOf - 4 });
});

it('answers what was kept and how much the gate flattered, as JSON, NDJSON and CSV', async () => {
  const kept = await service.get<Page<RetentionView>>('/v1/runs/small/retention');
  expect(kept.body.items).toHaveLength(6);
  const lines = await service.get('/v1/runs/small/retention?format=ndjson');
  expect(
    lines.text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown),
  ).toEqual(kept.body.items);
  const gaps = await service.get<Page<OptimismView>>('/v1/runs/small/optimism-gap');
  expect(gaps.body.items).toHaveLength(4);
  const table = await service.get('/v1/runs/small/optimism-gap?format=csv');
  expect(table.text.split('\r\n')[0]).toMatch(/^cycle,candidate,verdict,metric/);
});

it('answers what is left of alpha and of the suites, and where weights come from', async () => {
  const lineage = await service.get<LineageView>('/v1/lineages/small');
  expect(lineage.body).toMatchObject({ root: 'small', candidatesPlanned: 4, candidatesJudged: 2, candidatesLeft: 2 });
  expect(lineage.body.alphaLeft).toBeCloseTo(0.25, 12);
  expect((await service.get<Page<LineageView>>('/v1/lineages')).body.items).toEqual([lineage.body]);
  const suite = await service.get<SuiteView>('/v1/suites/small-gate');
  expect(suite.body.usedQueries + suite.body.leftQueries).toBe(suite.body.budgetQueries);
  expect((await service.get<Page<SuiteView>>('/v1/suites?role=gate')).body.items).toEqual([suite.body]);
  const records = await recordsIn(data, 'run-small');
  const candidate = String(records.findLast(({ type }) => type === 'UpdateProduced')?.data['candidate']);
  const { body } = await service.get<CheckpointLineageView>(`/v1/checkpoints/${candidate}/lineage`);
  expect(body.ancestors.at(0)?.checkpoint).toBe(candidate);
  expect(body.ancestors.at(-1)?.made).toBe('base');
});

it.each([
  ['/v1/runs/nobody/envelope', 404, undefined],
  ['/v1/runs/small/envelope?runs=nobody', 404, undefined],
  ['/v1/runs/small/envelope?runs=A%20b', 400, 'runs'],
  ['/v1/runs/small/envelope?source=guess', 400, 'source'],
  ['/v1/runs/small/envelope?asOf=-1', 400, 'asOf'],
  ['/v1/runs/small/envelope?asOf=999999', 400, 'asOf'],
  ['/v1/runs/small/retention?cursor=x', 400, 'cursor'],
  ['/v1/lineages/nobody', 404, undefined],
  ['/v1/suites/nobody', 404, undefined],
  ['/v1/suites?role=secret', 400, 'role'],
  ['/v1/checkpoints/xyz/lineage', 400, 'sha'],
  [`/v1/checkpoints/${'0'.repeat(64)}/lineage`, 404, undefined],
])('%s is refused with %d', async (path, status, field) => {
  const answer = await service.get<Problem>(path);
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(answer.body.field).toBe(field);
  expect(answer.body.detail.length).toBeGreaterThan(10);
});
