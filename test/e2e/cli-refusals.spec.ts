import { jest } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { temporaryFolder, type, writeRunFile } from './command-line.js';

const folder = temporaryFolder();
jest.setTimeout(60_000);

/** What a refusal looks like: exit 2, nothing on standard output, one line that says what and where. */
const refused = async (words: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await type(words);
  expect({ code, stdout, lines: stderr.trimEnd().split('\n').length }).toEqual({ code: 2, stdout: '', lines: 1 });
  return stderr;
};

const start = (...changes: readonly string[]): readonly string[] => {
  const sets = changes.flatMap((change) => ['--set', change]);
  return ['run', 'start', folder.path('run.json'), ...sets, '--data', folder.path('data')];
};

beforeAll(() => writeRunFile(folder.path('run.json')));

test.each([
  ['an unknown command', ['rnu'], /unknown command 'rnu' \(Did you mean run\?\)/],
  ['an unknown option', ['verify', '--jsn'], /unknown option '--jsn'/],
  ['a missing argument', ['run', 'show'], /missing required argument 'run'/],
  ['a number that is none', ['cycle', 'show', 'a', 'one'], /'one' is invalid.*whole number/],
  [
    'no time to evaluate',
    ['run', 'list', '--evaluation-limit', '0'],
    /--evaluation-limit.*'0' is invalid.*from 1 to 86400/,
  ],
  ['threads below one', ['run', 'list', '--threads', '0'], /--threads.*'0' is invalid.*from 1 to 256/],
  ['an unknown instruction set', ['run', 'list', '--isa', 'sse'], /'sse' is invalid.*reference, avx2, avx512, neon/],
  ['half of an expected head', ['verify', '--expect-size', '3'], /--expect-size and --expect-root: both are needed/],
])('%s', async (_what, words, message) => {
  expect(await refused(words)).toMatch(message);
});

test.each([
  ['an unknown field', 'cycels=3', /cycels: no such field/],
  ['a field inside', 'base.steps=0', /base\.steps: 0: too small/],
  ['not a number', 'seed=.nan', /seed/],
  ['an unknown policy', 'policy=greedy', /policy: "greedy": expected one of "uniform"/],
  ['a regime outside the scope', 'regime.learningRate=0.5', /learningRate is 0\.5.*allows 0\.000001 to 0\.02/],
  ['a corpus that is not described', 'general=poetry', /"poetry" is used but not described; there are english/],
  ['more documents than there are', 'evaluation.documents=4000', /gate split has \d+ documents.*4000 are needed/],
  ['a set-up that could accept nothing', 'constitution.alphaPlan.alpha=0.000001', /fewer than half of all cases/],
  ['an assignment that is none', 'seed', /--set seed: write key=value/],
])('a run file with %s', async (_what, change, message) => {
  expect(await refused(start(change))).toMatch(message);
});

test('a run file that is not there, and one that is no YAML', async () => {
  expect(await refused(['run', 'start', folder.path('none.yaml')])).toMatch(/none\.yaml: does not exist/);
  await writeFile(folder.path('broken.yaml'), 'run: [a\nseed: 1');
  expect(await refused(['run', 'start', folder.path('broken.yaml')])).toMatch(/broken\.yaml: /);
});

test('text that cannot be read or is too little', async () => {
  const own = (path: string): readonly string[] => [...start(), '--corpus', `mine=${path}`];
  expect(await refused(own(folder.path('nowhere')))).toMatch(/nowhere: does not exist/);
  await writeFile(folder.path('tiny.txt'), 'A short text.');
  expect(await refused(own(folder.path('tiny.txt')))).toMatch(/mine|tiny\.txt/);
  await writeFile(folder.path('image.bin'), Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13]));
  expect(await refused(own(folder.path('image.bin')))).toMatch(/image\.bin/);
});

test('a checkpoint that is not there', async () => {
  expect(await refused([...start(), '--base', folder.path('none')])).toMatch(/base\.checkpoint: .*cannot be read/);
});

test('a folder without a log, for every command that only reads', async () => {
  for (const words of [['run', 'list'], ['run', 'show', 'a'], ['verify'], ['replay', 'a']])
    expect(await refused([...words, '--data', folder.path('empty')])).toMatch(/there is no log/);
  expect(existsSync(folder.path('empty'))).toBe(false);
});

test('`run init` overwrites nothing', async () => {
  expect((await type(['run', 'init', folder.path('mine.yaml')])).code).toBe(0);
  const before = await readFile(folder.path('mine.yaml'), 'utf8');
  expect(await refused(['run', 'init', folder.path('mine.yaml')])).toMatch(/is there already/);
  expect(await readFile(folder.path('mine.yaml'), 'utf8')).toBe(before);
});

test("a demo removes no folder that is somebody else's", async () => {
  await writeFile(folder.path('precious.txt'), 'x');
  expect(await refused(['demo', '--data', folder.path()])).toMatch(/holds other data/);
  expect(existsSync(folder.path('precious.txt'))).toBe(true);
});

test('with --json a refusal is a document too', async () => {
  const { code, stdout, stderr } = await type(['run', 'show', 'a', '--json', '--data', folder.path('empty')]);
  expect(code).toBe(2);
  expect(JSON.parse(stdout)).toEqual({ error: { name: 'LogAbsent', message: expect.stringContaining('no log') } });
  expect(stderr).toContain('there is no log');
});

test('help and version answer on standard output', async () => {
  const help = await type(['--help']);
  expect({ code: help.code, stderr: help.stderr }).toEqual({ code: 0, stderr: '' });
  for (const command of ['demo', 'run', 'cycle', 'verdict', 'constitution', 'checkpoint', 'verify', 'replay', 'doctor'])
    expect(help.stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
  expect((await type(['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
});
