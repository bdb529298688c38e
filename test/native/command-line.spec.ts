import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { receiptSchema } from '#trainer/domain/receipt.js';
import { loadNative } from '#trainer/native.js';
import { sha256, smallTraining, textSequences } from './training-plan.js';

jest.setTimeout(60_000);

const TRAINER = fileURLToPath(new URL('../../native/trainer', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'trainer-'));
const inputs = join(folder, 'inputs');
const at = (...parts: string[]): string => join(folder, ...parts);

const trainer = (...words: string[]): { status: number | null; stdout: string; stderr: string } =>
  spawnSync(TRAINER, words, { encoding: 'utf8' });

const { plan, inputs: blobs } = smallTraining(10);

/** The plan again on a blob in which one byte of a sequence of step 6 differs. */
const tampered = (): typeof plan => {
  const blob = Uint8Array.from(blobs[0]!);
  const target = 16 + 6 * plan.batch * 192 + 64 + 3;
  blob[target] = blob[target]! ^ 1;
  writeFileSync(join(inputs, 'tampered'), blob);
  return { ...plan, batches: sha256(blob) };
};

/** What was trained on other data is handed in as the plan's own. */
const claimAsHonest = (name: string): void => {
  const read = (run: string): Record<string, unknown> => JSON.parse(readFileSync(at(run, 'receipt.json'), 'utf8'));
  writeFileSync(at(name, 'receipt.json'), JSON.stringify({ ...read(name), plan: read('honest')['plan'] }));
};

const runPlan = (name: string, what: typeof plan): void => {
  writeFileSync(at(`${name}.json`), JSON.stringify(what));
  const { status, stderr } = trainer('run', at(`${name}.json`), '--inputs', inputs, '--out', at(name), '--json');
  expect({ status, last: stderr.trimEnd().split('\n').at(-1) }).toMatchObject({
    status: 0,
    last: expect.stringMatching(/^step 10 of 10 {3}loss [\d.]+ nats {3}[\d.]+ k tokens\/s {3}0 s left$/),
  });
};

const replay = (claim: string, ...more: string[]): ReturnType<typeof trainer> =>
  trainer('replay', at('honest.json'), '--inputs', inputs, '--receipt', at(claim, 'receipt.json'), ...more);

beforeAll(() => {
  mkdirSync(inputs);
  writeFileSync(join(inputs, 'any name'), blobs[0]!);
  runPlan('honest', plan);
  runPlan('other', tampered());
  runPlan('dishonest', tampered());
  claimAsHonest('dishonest');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('trainer run', () => {
  it('writes what the addon gives', async () => {
    expect(readdirSync(at('honest')).sort()).toEqual([
      'checkpoint.safetensors',
      'optimiser.safetensors',
      'receipt.json',
      'transcript.jsonl',
    ]);
    const output = await loadNative().run(JSON.stringify(plan), blobs).promise;
    expect(readFileSync(at('honest', 'receipt.json'), 'utf8')).toBe(output.receipt.toString());
    const receipt = receiptSchema.parse(JSON.parse(output.receipt.toString()));
    expect(sha256(readFileSync(at('honest', 'checkpoint.safetensors')))).toBe(receipt.candidate);
  });
});

describe('trainer replay', () => {
  const transcript = (claim: string): string[] => ['--transcript', at(claim, 'transcript.jsonl')];
  const candidate = (claim: string): string[] => ['--candidate', at(claim, 'checkpoint.safetensors')];

  it('is equal for an honest receipt, on any instruction set', () => {
    expect(replay('honest')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^equal: all 10 steps/) });
    const more = [...transcript('honest'), ...candidate('honest'), '--isa', 'reference', '--threads', '1', '--json'];
    const { status, stdout } = replay('honest', ...more);
    expect({ status, verdict: JSON.parse(stdout) }).toMatchObject({
      status: 0,
      verdict: { equal: true, fields: [], divergence: null, steps: 10, replayed: 10, stateEverySteps: 5 },
    });
  });

  it('names the step in which another history parts, and trains no further', () => {
    const { status, stdout } = replay('dishonest', ...transcript('dishonest'));
    expect(status).toBe(1);
    expect(stdout).toBe("differs in step 6: it was trained on another batch than the plan's\n");
    const verdict = JSON.parse(replay('dishonest', ...transcript('dishonest'), '--json').stdout);
    expect(verdict).toMatchObject({ equal: false, replayed: 7, divergence: { what: 'batch', step: 6, exact: true } });
  });

  it('compares the receipt alone where no transcript was kept, and says what that leaves open', () => {
    const { status, stdout } = replay('dishonest');
    expect(status).toBe(1);
    expect(stdout).toMatch(/no transcript was given, so it arose between step 0 and step 9 or after\n$/);
  });

  it('names the tensor of a candidate that was not trained so', () => {
    const { stdout } = replay('honest', ...transcript('honest'), ...candidate('dishonest'));
    expect(stdout).toMatch(/^differs in the candidate .* tensor backbone\.embeddings\.weight is the first of 20 /);
  });

  it('reads the states of more steps, which is how two who disagree come to the very step', () => {
    const states = (run: string, every: string): ReturnType<typeof trainer> =>
      trainer('states', at(`${run}.json`), '--inputs', inputs, '--every', every, '--out', at(`${run}-states`));
    const { status, stdout } = states('honest', '1');
    const written = readFileSync(at('honest-states'));
    expect({ status, stdout }).toEqual({ status: 0, stdout: `${sha256(written)}\n` });
    expect(written.toString().match(/"root"/g)).toHaveLength(10);
    const with1 = replay('honest', ...transcript('honest'), '--states', at('honest-states'), '--json');
    expect(JSON.parse(with1.stdout)).toMatchObject({ equal: true, stateEverySteps: 1 });
    expect(states('other', '2').status).toBe(0);
    const refused = replay('honest', ...transcript('honest'), '--states', at('other-states'));
    expect({ status: refused.status, said: refused.stderr.trimEnd().split('\n').at(-1) }).toEqual({
      status: 2,
      said: "trainer replay: states line 7.h is not the transcript's: they are of another training",
    });
    expect(states('honest', '11').stderr).toContain("every must be 1 to the plan's 10 steps, not 11");
  });

  it('finds what the plan names in a store of artifacts too', () => {
    const store = at('store', plan.batches.slice(0, 2));
    mkdirSync(store, { recursive: true });
    writeFileSync(join(store, plan.batches), blobs[0]!);
    const words = ['replay', at('honest.json'), '--inputs', at('store'), '--receipt', at('honest', 'receipt.json')];
    expect(trainer(...words).status).toBe(0);
  });

  it.each([
    ['other', transcript('other'), 'receipt.plan is .* a receipt of another plan'],
    ['honest', transcript('dishonest'), 'the receipt names'],
    ['honest', ['--transcript', at('honest.json')], 'transcript: the last line does not end with a line feed'],
    ['honest', ['--transcript', at('empty')], "for each of the plan's 10 steps, has 0"],
    ['honest', ['--candidate', at('empty')], 'candidate'],
  ])('ends with status 2 and one line on what cannot be held against the plan: %#', (claim, more, reason) => {
    writeFileSync(at('empty'), '');
    const { status, stderr, stdout } = replay(claim, ...more);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr.trimEnd().split('\n').at(-1)).toMatch(new RegExp(`^trainer replay: .*${reason}`));
  });
});

describe('trainer', () => {
  it('evaluates, describes, initialises and exports as the addon does', async () => {
    const native = loadNative();
    const fresh = native.initialise(plan.model, '7');
    const shape = ['--d-model', '64', '--layers', '2', '--seed', '7', '--out', at('fresh')];
    expect(trainer('initialise', ...shape).stdout.trim()).toBe(sha256(fresh));
    const described = trainer('describe', at('fresh'), '--json').stdout;
    expect(JSON.parse(described)).toEqual(native.describe(fresh));
    const onnx = native.exportOnnx(fresh, 128);
    expect(trainer('export-onnx', at('fresh'), '--length', '128', '--out', at('m')).stdout.trim()).toBe(sha256(onnx));

    const sequences = textSequences(3, 128);
    writeFileSync(at('three.plsq'), sequences);
    const scores = await native.evaluate(fresh, sequences);
    const found = JSON.parse(trainer('evaluate', at('fresh'), at('three.plsq'), '--json').stdout);
    expect(found.items.map((item: { nllNats: number }) => item.nllNats)).toEqual([...scores.nllNats]);
    expect(found).toMatchObject({ sequences: 3, scored: 3 * 128 });
  });

  it.each([
    [['run', 'absent.json', '--inputs', '.', '--out', 'x'], 'absent.json: No such file'],
    [['run', at('honest.json'), '--inputs', inputs], '--out is missing'],
    [['run', at('honest.json'), '--inputs', at('honest'), '--out', at('x')], plan.batches],
    [['run', '--colour', 'red'], 'unknown option --colour'],
    [['describe', at('honest.json')], 'header'],
    [['bench', '--layers', '0'], '--layers must be an integer from 1 to 256, not 0'],
    [['fly'], 'no command called fly'],
  ])('ends with status 2 and a reason: %#', (words, reason) => {
    const { status, stderr } = trainer(...words);
    expect(status).toBe(2);
    expect(stderr).toContain(reason);
  });

  it('explains itself and each command', () => {
    const overview = trainer('--help');
    expect(overview.status).toBe(0);
    const commands = [...overview.stdout.matchAll(/^ {2}(\S+) {2,}/gm)].map(([, name]) => name!);
    expect(commands.length).toBeGreaterThan(7);
    for (const name of commands) expect(trainer(name, '--help').stdout).toContain(`trainer ${name}`);
  });
});
