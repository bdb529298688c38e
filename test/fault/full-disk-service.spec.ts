import { mkdir, readdir } from 'node:fs/promises';
import { afterEach, expect, it } from '@jest/globals';
import { runDigest, sha256 } from '#ledger/digest.js';
import { collect } from '#ledger/ledger.js';
import { advanceRun } from '#loop/run-loop.js';
import { temporaryFolder, type } from '../e2e/command-line.js';
import { prepareRunIn, recordsIn, untilLast } from '../e2e/prepared-run.js';
import { ServiceProcess } from '../e2e/service-process.js';
import { begin, smallFile, smallPorts } from '../simulation/small-run.js';
import { canMount, SmallDisk, whenSkipped } from './small-disk.js';

const STREAM = 'run-small';
const UPLOAD = new Uint8Array(300_000);
const file = smallFile('small', {
  cycles: 8,
  constitution: { name: 'lenient', alphaPlan: { alpha: 0.5, kMax: 8 } },
});

const folder = temporaryFolder();
let service: ServiceProcess | undefined;
let disk: SmallDisk | undefined;
afterEach(async () => {
  await service?.kill();
  disk?.unmount();
});

type Ready = Readonly<{ parts: Readonly<Record<string, Readonly<{ ready: boolean; detail: string }>>> }>;

const calmDigest = async (): Promise<string> => {
  const calm = smallPorts();
  await begin(calm, file);
  await advanceRun(calm, 'small');
  await calm.shadow.close();
  return runDigest(await collect(calm.ledger.log.readStream(STREAM)));
};

(canMount ? it : it.skip)(
  `a run under way waits while the disk is full, says why, and goes on by itself to the same digest${whenSkipped}`,
  async () => {
    const digest = await calmDigest();
    const data = folder.path('disk', 'data');
    await mkdir(folder.path('disk'));
    disk = SmallDisk.mount(folder.path('disk'), '128m');
    await prepareRunIn(data, file);
    service = await ServiceProcess.start(data, '--log-level', 'silent');
    await untilLast(data, STREAM, ({ type: said }) => said === 'CandidatePromoted' || said === 'CandidateRejected');
    await disk.fill();

    const { body } = await service.until<Ready>('/readyz', ({ text }) => text.includes('run small tries again: '));
    expect(body.parts['loop']?.detail).toMatch(/tries again: (artifact|the log in) .* cannot be written/);
    expect(body.parts['disk']).toEqual({
      ready: false,
      detail: expect.stringMatching(/^\d+ MB free; 256 MB are needed/),
    });
    const events = await fetch(new URL('/v1/events?run=small', service.url));
    let heard = '';
    for await (const chunk of events.body ?? []) {
      heard += Buffer.from(chunk as Uint8Array).toString('utf8');
      if (/tried again in [\d.]+ s: .* cannot be written/.test(heard)) break;
    }
    // What was freed meanwhile, as by a write that failed half way, is taken up too.
    await disk.fill();
    // Who sends something hears it too, and who only asks is answered.
    const path = `/v1/artifacts/${sha256(UPLOAD)}`;
    const refused = await service.ask('PUT', path, { body: UPLOAD });
    expect(refused).toMatchObject({
      status: 507,
      body: { type: 'urn:prometheus-ledger:problem:unwritable', detail: expect.stringMatching(/ENOSPC/) },
    });
    expect((await service.get('/livez')).status).toBe(200);
    const { size } = (await service.get<{ size: number }>('/v1/log/head')).body;
    expect((await service.get(`/v1/log/${size}`)).status).toBe(200);

    await disk.free();
    const { revision } = await untilLast(data, STREAM, ({ type: said }) => said === 'RunCompleted');
    await service.until<{ status: string }>('/v1/runs/small', (answer) => answer.body.status === 'completed');
    expect((await service.get<Ready>('/readyz')).body.parts).toMatchObject({
      log: { ready: true },
      loop: { ready: true, detail: '0 runs under way or halted' },
      'read models': { ready: true },
    });
    expect(await service.stop()).toBe(0);
    const records = await recordsIn(data, STREAM);
    expect(records).toHaveLength(revision + 1);
    expect(runDigest(records)).toBe(digest);
    const names = await readdir(data, { recursive: true });
    expect(names.filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect((await type(['verify', '--data', data, '--json'])).code).toBe(0);
  },
  300_000,
);
