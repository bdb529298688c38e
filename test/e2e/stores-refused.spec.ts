import { jest } from '@jest/globals';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { temporaryFolder, type } from './command-line.js';
import { prepareRunIn } from './prepared-run.js';
import { ServiceProcess } from './service-process.js';
import { smallFile } from '../simulation/small-run.js';

jest.setTimeout(120_000);
const folder = temporaryFolder();
const PEM = (name: string): string => join(process.cwd(), 'test', 'gateway', `localhost.${name}.pem`);
const NOWHERE = '--store eventstore --eventstore esdb://127.0.0.1:9?tls=false';
const TLS = ['--gateway-cert', PEM('cert'), '--gateway-key', PEM('key')];

const refused = async (data: string, words: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await type(['serve', '--port', '0', '--data', folder.path(data), ...words]);
  expect({ code, stdout, stderr }).toMatchObject({ code: 2, stdout: '' });
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  return stderr;
};

test.each([
  ['a store of another kind', '--store postgres', /'postgres' is invalid.*embedded, eventstore/],
  [
    'an event store that is not named',
    '--store eventstore',
    /--store eventstore: which one is missing.*EVENTSTORE_URL/,
  ],
  [
    'an event store that is not asked for',
    '--eventstore esdb://a',
    /--eventstore esdb:\/\/a: .*--store eventstore as well/,
  ],
  ['an address that is none', '--store eventstore --eventstore http://a:1', /the form is esdb:\/\/user:password@host/],
  [
    'a gateway to another store',
    `${NOWHERE} --gateway-port 0`,
    /--gateway-port 0: the gateway serves a log in the data/,
  ],
  ['a gateway in the clear for all', '--gateway-port 0 --host 0.0.0.0', /at 0\.0\.0\.0 others could listen in/],
  [
    'half of a certificate',
    `--gateway-port 0 --gateway-cert ${PEM('cert')}`,
    /a certificate and its key are needed both/,
  ],
  ['a certificate without a gateway', '--gateway-cert c.pem', /there is no gateway without --gateway-port/],
  ['a certificate that is not there', '--gateway-port 0 --gateway-cert c.pem --gateway-key k.pem', /c\.pem: .*ENOENT/],
])('%s', async (_, words, message) => {
  expect(await refused('refused', words.split(' '))).toMatch(message);
});

test('a port of the gateway that another program has', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  expect(await refused('taken', ['--gateway-port', String(port)])).toMatch(
    /the gateway cannot listen at 127\.0\.0\.1:/,
  );
  other.close();
});

test('a data folder that has a log of its own, or that another service has', async () => {
  await mkdir(folder.path('own', 'log'), { recursive: true });
  await writeFile(folder.path('own', 'log', 'data.mdb'), '');
  expect(await refused('own', NOWHERE.split(' '))).toMatch(/holds a log of its own; .* needs another data folder/);
  const service = await ServiceProcess.start(folder.path('shared'), '--log-level', 'silent', ...NOWHERE.split(' '));
  expect(await refused('shared', NOWHERE.split(' '))).toMatch(/is open in process \d+/);
  await service.stop();
});

test('a service starts although its store is not there, says so, and stops', async () => {
  const service = await ServiceProcess.start(folder.path('away'), '--log-level', 'silent', ...NOWHERE.split(' '));
  type Ready = Readonly<{ parts: Readonly<{ log: Readonly<{ ready: boolean; detail: string }> }> }>;
  const { status, body } = await service.get<Ready>('/readyz');
  expect({ status, log: body.parts.log }).toMatchObject({ status: 503, log: { ready: false } });
  await service.until<Ready>('/readyz', (answer) =>
    /cannot be followed: .*ECONNREFUSED/.test(answer.body.parts.log.detail),
  );
  expect(await service.get('/v1/runs')).toMatchObject({ status: 503, body: { type: /log-away|database/ } });
  expect(await service.stop()).toBe(0);
  // What works on the folder alone would begin another log in it.
  expect(await refused('away', [])).toMatch(/lies in an event store; ask its service with --url/);
  const listed = await type(['run', 'list', '--data', folder.path('away')]);
  expect(listed).toMatchObject({ code: 2, stderr: expect.stringContaining('lies in an event store') });
});

test('beyond loopback the gateway asks for a token, over TLS; what others wrote there is verified with the rest', async () => {
  const data = folder.path('tls');
  await prepareRunIn(data, smallFile('small', {}));
  const log = await ServiceProcess.start(
    data,
    ...'--log-level silent --no-loop --host 0.0.0.0 --gateway-port 0'.split(' '),
    ...TLS,
  );
  const port = /esdb:\/\/127\.0\.0\.1:(\d+)$/m.exec(log.stdout)?.[1];
  const made = await type(['token', 'create', '--name', 'store', '--role', 'operator', '--json', '--data', data]);
  const { secret } = JSON.parse(made.stdout) as { secret: string };
  const address = (who: string) => `esdb://${who}localhost:${port}?tlsCAFile=${encodeURIComponent(PEM('cert'))}`;
  const stranger = EventStoreDBClient.connectionString(address('a:pl_wrong@'));
  await expect(stranger.appendToStream('ext-a', jsonEvent({ type: 'Told', data: {} }))).rejects.toMatchObject({
    type: 'access-denied',
  });
  const client = EventStoreDBClient.connectionString(address(`a:${secret}@`));
  await client.appendToStream('ext-a', jsonEvent({ type: 'Told', data: { text: 'é' } }));
  const service = await ServiceProcess.startIn(
    { EVENTSTORE_URL: address(`a:${secret}@`) },
    folder.path('over-tls'),
    ...'--log-level silent --no-loop --store eventstore'.split(' '),
  );
  await service.until('/readyz', ({ status }) => status === 200);
  expect((await service.get('/v1/log?format=ndjson&stream=run-small')).text).toContain('"RunStarted"');
  expect(await service.stop()).toBe(0);
  await Promise.all([client.dispose(), stranger.dispose()]);
  await log.stop();
  expect(await type(['verify', '--data', data, '--json'])).toMatchObject({ code: 0 });
});
