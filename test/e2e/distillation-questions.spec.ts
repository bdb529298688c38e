import type { DistillationView } from '#distillation/distillation.view.js';
import type { Page } from '#doors/page.js';
import type { Problem } from '#doors/problem.js';
import { temporaryFolder, type } from './command-line.js';
import { lookInto } from './prepared-run.js';
import { ServiceProcess } from './service-process.js';
import { tellDistillationsIn } from './told-distillation.js';

const folder = temporaryFolder();
let data: string;
let service: ServiceProcess;
let typed: Readonly<Record<string, unknown>>;
/** Positions of the records of `tiny`, in their order. */
let positions: readonly number[];

const show = async (...words: readonly string[]): Promise<never> => {
  const { code, stdout } = await type(['--data', data, '--json', 'distillation', ...words]);
  expect(code).toBe(0);
  return JSON.parse(stdout) as never;
};

beforeAll(async () => {
  data = folder.path('taught');
  await tellDistillationsIn(data, folder.path('tiny.yaml'));
  typed = { tiny: await show('show', 'tiny'), second: await show('show', 'second'), all: await show('list') };
  positions = await lookInto(data, async (log) => {
    const found: number[] = [];
    for await (const { position } of log.readStream('distillation-tiny')) found.push(position);
    return found;
  });
  service = await ServiceProcess.start(data, '--log-level', 'silent');
}, 300_000);
afterAll(() => service?.stop());

type Listed = Page<DistillationView>;
const listed = async (query = ''): Promise<Listed> => (await service.get<Listed>(`/v1/distillations${query}`)).body;
const namesOf = ({ items }: Listed): readonly string[] => items.map(({ distillation }) => distillation);

it('answers of one what the terminal does, alignment and transfer in fields of their own', async () => {
  const { status, body } = await service.get<DistillationView>('/v1/distillations/tiny');
  expect(status).toBe(200);
  expect(body).toEqual(typed['tiny']);
  expect(body).toMatchObject({ distillation: 'tiny', experiment: null, status: 'completed' });
  expect(body.arms.map(({ arm, status: each }) => [arm, each])).toEqual([
    ['none', 'examined'],
    ['both', 'examined'],
    ['shuffled', 'examined'],
  ]);
  for (const { alignment, transfer } of body.arms) {
    expect(Object.keys(alignment ?? {})).toEqual(expect.arrayContaining(['r2', 'relativeError', 'cka']));
    expect(JSON.stringify(transfer)).not.toMatch(/r2|cka|relativeError/);
    expect(JSON.stringify(alignment)).not.toMatch(/exact|downstream|comparisons/);
  }
});

it('lists them in the order of their beginnings, in pages, as lines and of one experiment', async () => {
  const whole = await listed();
  expect(whole.items).toEqual(typed['all']);
  expect(namesOf(whole)).toEqual(['tiny', 'second']);
  const first = await listed('?limit=1');
  expect(namesOf(first)).toEqual(['tiny']);
  const next = await listed(`?limit=1&cursor=${first.nextCursor}`);
  expect([namesOf(next), next.nextCursor]).toEqual([['second'], null]);
  expect(namesOf(await listed('?experiment=study'))).toEqual(['second']);
  expect(namesOf(await listed('?experiment=other'))).toEqual([]);
  const { text } = await service.get('/v1/distillations?format=ndjson&experiment=study');
  expect(JSON.parse(text)).toEqual(typed['second']);
});

it('answers as of any position', async () => {
  const at = async (position = 0): Promise<DistillationView> =>
    (await service.get<DistillationView>(`/v1/distillations/tiny?asOf=${position}`)).body;
  expect(await at(positions[0])).toMatchObject({ status: 'open', teacher: null, nothingToTeach: [] });
  const aligned = await at(positions[3]);
  expect(aligned.teacher?.downstream.families.map(({ family }) => family)).toEqual(['recall', 'selective-copy']);
  expect(aligned.arms.map(({ status }) => status)).toEqual(['aligned', 'waiting', 'waiting']);
  expect(aligned.arms[0]).toMatchObject({ trained: { arm: 'none' }, transfer: null });
  expect(namesOf(await listed(`?asOf=${(positions[0] ?? 0) - 1}`))).toEqual([]);
  expect(namesOf(await listed(`?asOf=${positions.at(-1)}`))).toEqual(['tiny']);
  expect(await at(positions.at(-1))).toEqual(typed['tiny']);
});

it('answers the same in the graph', async () => {
  const query = `{
    distillation(name: "tiny") {
      status experiment config { seed arms { arm hidden shuffled logits { weight temperature } } teacher { model { attention } } }
      teacher { tokens downstream { exactMean families { family exact } } }
      arms { arm status alignment { r2 cka } transfer { against comparisons { measure outcome interval { low } } } }
    }
    early: distillation(name: "tiny", asOf: ${positions[0]}) { status teacher { steps } }
    distillations(first: 1, experiment: "study") { edges { node { distillation arms { status } } } pageInfo { hasNextPage } }
  }`;
  type Graph = Readonly<{ distillation: object; early: object; distillations: object }>;
  const { body } = await service.post<{ data: Graph; errors?: unknown }>('/graphql', { query });
  expect(body.errors).toBeUndefined();
  expect(typed['tiny']).toMatchObject(body.data.distillation);
  expect(body.data.early).toEqual({ status: 'open', teacher: null });
  expect(body.data.distillations).toEqual({
    edges: [
      { node: { distillation: 'second', arms: ['aligned', 'waiting', 'waiting'].map((status) => ({ status })) } },
    ],
    pageInfo: { hasNextPage: false },
  });
});

it('answers those who may look on, and no trainer', async () => {
  const owner = { token: await service.secret() };
  const statusFor = async (role: string): Promise<readonly unknown[]> => {
    const issued = await service.post<{ secret: string }>('/v1/tokens', { name: role, roles: [role] }, owner);
    const holder = { token: issued.body.secret };
    const query = '{ distillation(name: "tiny") { status } }';
    const { body } = await service.post<{ data: { distillation: unknown } }>('/graphql', { query }, holder);
    const [all, one] = await Promise.all(['', '/tiny'].map((path) => service.get(`/v1/distillations${path}`, holder)));
    return [all?.status, one?.status, body.data?.distillation ?? null];
  };
  for (const role of ['viewer', 'auditor', 'operator'])
    expect(await statusFor(role)).toEqual([200, 200, { status: 'completed' }]);
  expect(await statusFor('trainer')).toEqual([403, 403, null]);
});

it.each([
  ['nobody', 404, undefined, /^distillation nobody: .* there are: tiny, second$/],
  ['second?asOf=1', 404, undefined, /^distillation second: it has not begun as of position 1; there is none$/],
  ['A%20b', 400, 'distillation', /a distillation is named by/],
  ['tiny?asOf=999999', 400, 'asOf', /999999/],
  ['?cursor=x', 400, 'cursor', /is no cursor/],
  ['?experiment=A%20b', 400, 'experiment', /an experiment is named by/],
  ['?arm=none', 400, 'arm', /arm/],
])('refuses %s with %i', async (path, status, field, why) => {
  const asked = path.startsWith('?') ? path : `/${path}`;
  const { status: found, body, headers } = await service.get<Problem>(`/v1/distillations${asked}`);
  expect(headers.get('content-type')).toContain('application/problem+json');
  expect({ status: found, field: body.field }).toEqual({ status, field });
  expect(body.detail).toMatch(why);
});
