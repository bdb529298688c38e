import { createHash } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { request, type ClientRequest } from 'node:http';
import { join } from 'node:path';
import { temporaryFolder, type } from './command-line.js';
import { ServiceProcess } from './service-process.js';

const folder = temporaryFolder();
let service: ServiceProcess | undefined;
afterEach(() => service?.kill());

const BYTES = Buffer.alloc(600_000, 'weights');
const SHA = createHash('sha256').update(BYTES).digest('hex');

/** Sends the first half of an artifact and leaves the rest open. */
const sendHalf = (url: string): ClientRequest => {
  const sending = request(new URL(`/v1/artifacts/${SHA}`, url), {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream', 'content-length': BYTES.length },
  });
  sending.on('error', () => undefined).write(BYTES.subarray(0, BYTES.length / 2));
  return sending;
};

it('what a killed service left of an upload is gone at the next start; what a living one writes stays', async () => {
  const data = folder.path('data');
  const unfinished = async (): Promise<readonly string[]> =>
    (await readdir(join(data, 'artifacts', SHA.slice(0, 2))).catch(() => [])).filter((name) => name.endsWith('.tmp'));
  const arrived = async (): Promise<readonly string[]> => {
    for (let found = await unfinished(); ; found = await unfinished()) {
      if (found.length > 0) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };

  service = await ServiceProcess.start(data, '--no-trainer');
  const cut = sendHalf(service.url);
  const [left] = await arrived();
  await service.kill();
  cut.destroy();
  expect(await unfinished()).toEqual([left]);

  // A command that only reads sweeps nothing.
  expect((await type(['run', 'list', '--data', data])).code).toBe(0);
  expect(await unfinished()).toEqual([left]);
  await writeFile(join(data, 'service.json.tmp'), 'half');

  service = await ServiceProcess.start(data, '--no-trainer');
  expect(await unfinished()).toEqual([]);
  expect((await readdir(data)).filter((name) => name.endsWith('.tmp'))).toEqual([]);

  // Neither a second service, which is refused, nor a command beside it touches what this one receives.
  const going = sendHalf(service.url);
  const [now] = await arrived();
  const second = await type(['serve', '--port', '0', '--data', data]);
  expect(second.code).toBe(2);
  await type(['run', 'list', '--data', data]);
  expect(await unfinished()).toEqual([now]);
  const answered = new Promise<number | undefined>((resolve) =>
    going.once('response', (response) => resolve(response.resume().statusCode)),
  );
  going.end(BYTES.subarray(BYTES.length / 2));
  expect(await answered).toBe(204);
  expect(await unfinished()).toEqual([]);
  expect(await service.stop()).toBe(0);
}, 120_000);
