import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { writeFile } from 'node:fs/promises';
import { temporaryFolder, type, writeRunFile, type Ended } from './command-line.js';
import { ServiceProcess } from './service-process.js';

let service: ServiceProcess;
let lossy: Server;
// Before the folder goes, whose hook comes later.
afterAll(async () => {
  lossy?.closeAllConnections();
  lossy?.close();
  await service?.stop();
});
const folder = temporaryFolder();
let url = '';
const lost: string[] = [];

const said = async (ended: Promise<Ended>, code = 2): Promise<string> => {
  const { stdout, stderr, ...rest } = await ended;
  expect({ code: rest.code, stdout, stderr }).toMatchObject({ code });
  return stderr + stdout;
};
const tokenFor = async (name: string, ...roles: readonly string[]): Promise<string> => {
  const words = ['token', 'create', '--name', name, ...roles.flatMap((role) => ['--role', role])];
  const { stdout } = await type([...words, '--json', '--data', service.data]);
  return (JSON.parse(stdout) as { secret: string }).secret;
};

/** Hands requests on to the service and loses the first answer to each command. */
const losingAnswers = (): Server =>
  createServer((asked, answer) => {
    const { method = '', url: path = '', headers } = asked;
    const loses = method === 'POST' && !lost.includes(path);
    const onward = request(new URL(path, url), { method, headers }, (response) => {
      if (loses) {
        lost.push(path);
        response.resume().once('end', () => asked.socket.destroy());
      } else response.pipe(answer.writeHead(response.statusCode ?? 0, response.headers));
    });
    asked.pipe(onward);
  });

beforeAll(async () => {
  await writeRunFile(folder.path('run.json'), { cycles: 1 });
  service = await ServiceProcess.start(folder.path('data'), '--log-level', 'silent', '--host', '0.0.0.0');
  url = `http://127.0.0.1:${new URL(service.url).port}`;
  lossy = losingAnswers();
  await new Promise<void>((resolve) => lossy.listen(0, '127.0.0.1', resolve));
}, 60_000);

test('beyond this machine a token is needed, and the one that is given says who it is', async () => {
  expect(await said(type(['run', 'list', '--url', url]))).toMatch(/a token is needed.*PROMETHEUS_LEDGER_TOKEN/);
  expect(await said(type(['run', 'list', '--url', url, '--token', 'pl_wrong']))).toMatch(/unknown here/);
  const viewer = await tokenFor('vera', 'viewer');
  expect(await said(type(['run', 'list', '--url', url, '--token', viewer]), 0)).toMatch(/There is no run in http/);
  const env = { PROMETHEUS_LEDGER_TOKEN: viewer };
  expect((await type(['run', 'list', '--url', url], { env })).code).toBe(0);
  await writeFile(folder.path('token'), `${viewer}\n`);
  expect((await type(['run', 'list', '--url', url, '--token-file', folder.path('token')])).code).toBe(0);
  expect(await said(type(['run', 'start', folder.path('run.json'), '--url', url], { env }))).toMatch(
    /is for operator; "vera" has the roles: viewer/,
  );
  expect(await said(type(['token', 'list', '--url', url], { env }))).toMatch(/is for owner/);
  expect(await said(type(['run', 'list', '--url', url, '--token-file', folder.path('no')]))).toMatch(/cannot be read/);
}, 60_000);

test('a command whose answer is lost is sent again and carried out once; its author is the holder of the token', async () => {
  const token = await tokenFor('olga', 'operator');
  const proxy = `http://127.0.0.1:${(lossy.address() as AddressInfo).port}`;
  // So many that a fast machine is not done before it is told to halt.
  const words = ['run', 'start', folder.path('run.json'), '--set', 'cycles=60', '--url', proxy, '--token', token];
  const { code, stderr } = await type([...words, '--json'], { interruptAt: 'Cycle 1 of' });
  expect({ code, stderr }).toMatchObject({ code: 130 });
  const halting = ['run', 'halt', 'small', '--reason', 'why not', '--url', proxy, '--token', token];
  expect(await said(type(halting), 0)).toMatch(/is halted/);
  expect(lost).toEqual(['/v1/runs', '/v1/runs/small/halt']);
  const { body } = await service.get<{ items: { type: string; actor: string }[] }>(
    '/v1/log?stream=run-small&limit=1000',
    { token },
  );
  const named = (kind: string) => body.items.filter(({ type: found }) => found === kind);
  expect(named('RunStarted')).toEqual([expect.objectContaining({ actor: 'human:olga' })]);
  expect(named('RunHalted')).toEqual([expect.objectContaining({ actor: 'human:olga' })]);
}, 120_000);

test('what is under seal is refused to who is no auditor, in the words of the service', async () => {
  const token = await tokenFor('vito', 'viewer');
  const auditor = await tokenFor('ada', 'auditor');
  expect(await said(type(['verify', '--url', url, '--token', token]))).toMatch(/you are no auditor/);
  expect(await said(type(['verify', '--url', url, '--token', auditor]))).toMatch(/still under way: small/);
}, 60_000);
