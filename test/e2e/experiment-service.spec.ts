import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { outcomeDigest, runDigest } from '#ledger/digest.js';
import { smallRun, temporaryFolder, type } from './command-line.js';
import { recordsIn } from './prepared-run.js';
import { ServiceProcess } from './service-process.js';

let service: ServiceProcess;
// Before the folder goes, whose hook comes later.
afterAll(async () => {
  await service?.stop();
});
const folder = temporaryFolder();
const {
  run: _run,
  cycles: _cycles,
  ...shared
} = smallRun({ base: { steps: 20, batch: 8 } }) as { [field: string]: unknown };

const hypothesis = {
  hypothesis: 'gains',
  claim: 'It ends less than a hundred points away.',
  metric: 'capability',
  arm: 'treated',
  against: 'plain',
  expects: 'equivalent',
  sesoi: 100,
};
const drug = {
  experiment: 'drug',
  question: 'Does it help?',
  run: shared,
  arms: [{ arm: 'plain', changes: { policy: 'frozen' } }, { arm: 'treated' }],
  seeds: 2,
  cycles: 1,
  hypotheses: [hypothesis],
};
/** One arm of its own, and the other one's plain one. */
const dose = {
  ...drug,
  experiment: 'dose',
  run: undefined,
  pairedWith: 'drug',
  arms: [
    { arm: 'none', sameAs: 'plain' },
    { arm: 'double', changes: { 'regime.steps': 24 } },
  ],
  hypotheses: [{ ...hypothesis, arm: 'double', against: 'none' }],
};
const NAMES = ['drug-plain-1', 'drug-treated-1', 'drug-plain-2', 'drug-treated-2', 'dose-double-1', 'dose-double-2'];

const typed = async (where: readonly string[], ...words: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await type([...where, 'experiment', ...words]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
};

it('a service makes the runs of two experiments that share an arm, as one process alone makes them', async () => {
  const [lone, served] = [folder.path('lone'), folder.path('served')];
  const alone = ['--data', lone];
  for (const [name, registration] of Object.entries({ drug, dose })) {
    const file = folder.path(`${name}.json`);
    await writeFile(file, JSON.stringify(registration));
    await typed(alone, 'register', file);
  }
  await cp(lone, served, { recursive: true });
  service = await ServiceProcess.start(served, '--log-level', 'silent');
  const there = ['--url', service.url];
  const left = await type([...there, 'experiment', 'run', 'dose', '--at-once', '1'], { interruptAt: '1 of 4' });
  expect(left).toMatchObject({ code: 130, stderr: '' });
  expect(left.stdout).toMatch(/The service goes on with the runs .*\n.*experiment run dose --at-once 1 --url/);
  expect(await typed(there, 'run', 'dose', '--at-once', '2')).toMatch(/4 of 4 {2}\S+ {2}completed/);
  expect(await typed(there, 'list')).toMatch(/drug .*2 of 4 .*–[^]*dose .*2 of 2 .*2 of 2/);
  expect(await typed(there, 'show', 'dose')).toMatch(/drug-plain-2 .*none, of drug .*completed/);
  expect(await typed(there, 'run', 'drug', '--at-once', '3')).toMatch(/^2 of 4 runs are at their end already/);
  for (const id of ['dose', 'drug'])
    expect(await typed(there, 'conclude', id)).toMatch(/gains {2}(equivalent|inconclusive), registered as equivalent/);

  const again = await service.ask('POST', '/v1/experiments', { body: drug });
  expect(again).toMatchObject({ status: 201, body: { experiment: 'drug', version: 1, looks: 1 } });
  const body = { registration: { ...drug, cycles: 2 }, reason: 'longer' };
  expect(await service.ask('POST', '/v1/experiments/drug/amendments', { body })).toMatchObject({
    status: 409,
    body: { detail: expect.stringMatching(/drug-plain-1 began already/) },
  });
  for (const [path, sent, status] of [
    ['drug/runs', { run: 'dose-double-1' }, 409],
    ['drug/runs', { run: 'A' }, 422],
    ['other/looks', {}, 404],
    ['drug/looks', {}, 409],
  ] as const)
    expect(await service.ask('POST', `/v1/experiments/${path}`, { body: sent })).toMatchObject({ status });
  await service.stop();

  await typed(alone, 'run', 'drug', '--at-once', '1');
  await typed(alone, 'run', 'dose', '--at-once', '1');
  for (const id of ['dose', 'drug']) await typed(alone, 'conclude', id);
  for (const run of NAMES) {
    const [one, other] = [await recordsIn(lone, `run-${run}`), await recordsIn(served, `run-${run}`)];
    expect(one.at(-1)?.type).toBe('RunCompleted');
    expect(runDigest(other)).toBe(runDigest(one));
  }
  for (const id of ['experiment-dose', 'experiment-drug'])
    expect((await recordsIn(served, id)).map(outcomeDigest)).toEqual((await recordsIn(lone, id)).map(outcomeDigest));
  expect((await recordsIn(served, 'experiment-dose'))[1]?.data['cites']).toContainEqual({
    stream: 'run-drug-plain-1',
    revision: expect.any(Number),
  });
  const out = folder.path('report');
  await typed(['--data', served], 'report', 'dose', '--to', out);
  const report = await readFile(join(out, 'dose.md'), 'utf8');
  const [first] = await recordsIn(served, 'run-drug-plain-1');
  expect(report).toContain('the seeds follow from that of drug, with which this experiment shares arms');
  expect(report).toContain(`Seeds: ${(first?.data['config'] as { seed: number } | undefined)?.seed}, `);
  expect(report).toContain("the runs of drug's arm plain");
  expect(await type(['--data', served, 'verify'])).toMatchObject({ code: 0 });
}, 300_000);
