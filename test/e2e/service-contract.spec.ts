import { jest } from '@jest/globals';
import fc from 'fast-check';
import { example, type Schema } from '../golden/example.js';
import { smallRun, temporaryFolder } from './command-line.js';
import { ServiceProcess } from './service-process.js';

let service: ServiceProcess;
// Stopped before its folder goes.
afterAll(() => service?.stop());
const folder = temporaryFolder();
jest.setTimeout(300_000);

type Parameter = Readonly<{ name: string; in: 'path' | 'query' | 'header'; schema?: Schema }>;
type Operation = Readonly<{
  parameters?: readonly Parameter[];
  requestBody?: Readonly<{ content: Readonly<Record<string, { schema?: Schema }>> }>;
}>;
type Contract = Readonly<{
  paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  components: Readonly<{ schemas: Readonly<Record<string, Schema>> }>;
}>;
type Route = Readonly<{ method: string; path: string; operation: Operation }>;

let secret: string;
let contract: Contract;
let routes: readonly Route[];
beforeAll(async () => {
  service = await ServiceProcess.start(folder.path('data'), '--rate-limit', '0', '--no-trainer');
  secret = await service.secret();
  await service.post('/v1/runs', smallRun());
  contract = (await service.get<Contract>('/openapi.json')).body;
  routes = Object.entries(contract.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
});

const NASTY = [
  '',
  '0',
  '-1',
  '1e309',
  '9007199254740993',
  'NaN',
  'null',
  '..',
  '../../etc/passwd',
  "'; DROP TABLE runs; --",
  '%00',
  '\u0000',
  '\ud83d\ude00',
  'ä'.repeat(300),
  'small',
  'run-small',
  'a'.repeat(64),
  '[]',
  '{"$gt":""}',
  '__proto__',
  'constructor',
  '2025-06-01T00:00:00Z',
  '0000-99-99',
  'json',
  'csv',
];
const nasty = fc.oneof(fc.constantFrom(...NASTY), fc.string(), fc.integer().map(String), fc.double().map(String));

/** The schema with its references looked up. */
const resolved = (schema: unknown, depth = 0): unknown => {
  if (typeof schema !== 'object' || schema === null || depth > 8) return schema;
  if (Array.isArray(schema)) return schema.map((one) => resolved(one, depth + 1));
  const { $ref: reference, ...rest } = schema as { $ref?: string };
  if (typeof reference === 'string') {
    const name = reference.split('/').at(-1) ?? '';
    return resolved(contract.components.schemas[name] ?? {}, depth + 1);
  }
  return Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, resolved(value, depth + 1)]));
};

const junk = fc.oneof(
  fc.jsonValue(),
  fc
    .constantFrom('{"a":', '"\\ud800"', '{"__proto__":{"a":1}}', '[[[[[[]]]]]]', 'null', '1e999')
    .map((text) => ({ text })),
);

type Chance = Readonly<{
  at: number;
  values: readonly string[];
  given: readonly boolean[];
  body: unknown;
  kind: number;
}>;
const chances: fc.Arbitrary<Chance> = fc.record({
  at: fc.nat(),
  values: fc.array(nasty, { minLength: 12, maxLength: 12 }),
  given: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
  body: junk,
  kind: fc.nat({ max: 3 }),
});

const bodyOf = ({ operation }: Route, { body, kind, values }: Chance): string | undefined => {
  const schema = operation.requestBody?.content['application/json']?.schema;
  if (kind === 0) return undefined;
  if (typeof body === 'object' && body !== null && 'text' in body) return String((body as { text: unknown }).text);
  if (!schema || kind === 1) return JSON.stringify(body);
  const right = example(resolved(schema) as Schema);
  if (kind === 2 || typeof right !== 'object' || right === null) return JSON.stringify(right);
  const keys = Object.keys(right);
  const slip = keys[values.length % Math.max(1, keys.length)] ?? 'x';
  return JSON.stringify({ ...right, [slip]: body });
};

const PATIENCE_MS = 5000;

/** Status and text of an answer; 0 when none came in time, as of a question that waits for something to happen. */
const send = async (
  route: Route,
  chance: Chance,
): Promise<Readonly<{ status: number; text: string; asked: string }>> => {
  let path = route.path;
  const query = new URLSearchParams();
  const headers: Record<string, string> = { authorization: `Bearer ${secret}` };
  (route.operation.parameters ?? []).forEach((parameter, at) => {
    const value = chance.values[at % chance.values.length] ?? '';
    if (parameter.in === 'path') path = path.replace(`{${parameter.name}}`, encodeURIComponent(value.toWellFormed()));
    else if (!chance.given[at % chance.given.length]) return;
    else if (parameter.in === 'query') query.append(parameter.name, value);
    else headers[parameter.name] = value.replace(/[^\x20-\x7e]/g, '?');
  });
  const body = route.method === 'GET' ? undefined : bodyOf(route, chance);
  const url = new URL(`${path}${query.size > 0 ? `?${query}` : ''}`, service.url);
  const asked = `${route.method} ${url.pathname}${url.search} ${body ?? ''}`.slice(0, 500);
  try {
    const response = await fetch(url, {
      method: route.method,
      headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
      ...(body !== undefined && { body }),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (response.headers.get('content-type')?.includes('event-stream')) {
      await response.body?.cancel();
      return { status: response.status, text: '', asked };
    }
    return { status: response.status, text: await response.text(), asked };
  } catch (error) {
    if ((error as Error).name === 'TimeoutError') return { status: 0, text: '', asked };
    throw new Error(`${asked}: ${error}`, { cause: error });
  }
};

test('no request that the contract knows of, however wrong, is a fault of the service', async () => {
  await fc.assert(
    fc.asyncProperty(chances, async (chance) => {
      const route = routes[chance.at % routes.length] as Route;
      const { status, text, asked } = await send(route, chance);
      const isBusy = status === 503 && !text.includes(':fault');
      if (status >= 500 && !isBusy) throw new Error(`${status} to ${asked}: ${text.slice(0, 500)}`);
      // What it lacks is the answer there, not a refusal.
      const isReadiness = status === 503 && route.path === '/readyz';
      if (status >= 400 && !isReadiness)
        expect(JSON.parse(text)).toMatchObject({
          status,
          type: expect.stringContaining('urn:'),
          detail: expect.any(String),
        });
    }),
    { numRuns: 600 },
  );
  expect((await service.get('/livez')).status).toBe(200);
  expect(service.stderr).not.toContain('"level":50');
});

test('every route says in the contract what it answers and what it refuses', () => {
  expect(routes.length).toBeGreaterThan(20);
  const silent = routes.filter(
    ({ operation }) => Object.keys((operation as { responses?: object }).responses ?? {}).length === 0,
  );
  expect(silent.map(({ method, path }) => `${method} ${path}`)).toEqual([]);
});
