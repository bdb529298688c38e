import { cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder, type, writeRunFile, type Ended } from './command-line.js';
import { copyOf, firstBad, flip, recordsOf, runVerifier, sumAgain, verify } from './exporting.js';
import { lookInto } from './prepared-run.js';
import { ServiceProcess } from './service-process.js';

let service: ServiceProcess | undefined;
// Before the folder goes, whose hook comes later.
afterAll(async () => {
  await service?.stop();
});
const folder = temporaryFolder();

const on = (data: string, ...words: readonly string[]): Promise<Ended> => type([...words, '--data', folder.path(data)]);

const there = (path: string): Promise<readonly string[]> => readdir(path).catch(() => []);

beforeAll(async () => {
  await writeRunFile(folder.path('small.yaml'), { cycles: 1 });
  for (const words of [
    ['run', 'start', folder.path('small.yaml')],
    ['export', '--artifacts', 'all', '--to', folder.path('all')],
    ['export', '--artifacts', 'none', '--to', folder.path('none')],
    ['export', '--run', 'small', '--to', folder.path('run')],
    ['export', '--from', '5', '--through', '9', '--to', folder.path('range')],
  ]) {
    const { code, stderr } = await on('data', ...words);
    if (code !== 0) throw new Error(`${words.join(' ')}: ${stderr}`);
  }
}, 240_000);

describe('import', () => {
  it('makes the same log: bytes, root, artifacts and verdicts', async () => {
    const { code, stdout } = await on('made', 'import', folder.path('all'), '--json');
    expect(code).toBe(0);
    const bytes = async (data: string): Promise<readonly string[]> =>
      lookInto(folder.path(data), async (log) => {
        const all: string[] = [];
        for await (const recorded of log.readAll()) all.push(Buffer.from(recorded.bytes).toString('utf8'));
        return all;
      });
    expect(await bytes('made')).toEqual(await bytes('data'));
    const [before, after] = await Promise.all(['data', 'made'].map((data) => on(data, 'verify', '--json')));
    const { ok, root, artifacts, verdicts } = JSON.parse(after?.stdout ?? '');
    expect({ ok, root, artifacts, verdicts }).toEqual(
      (({ ok: was, ...rest }) => ({ ok: was, root: rest.root, artifacts: rest.artifacts, verdicts: rest.verdicts }))(
        JSON.parse(before?.stdout ?? ''),
      ),
    );
    expect(JSON.parse(stdout)).toMatchObject({ root, artifacts, which: 'all' });
    expect(ok).toBe(true);
    expect((await readdir(folder.path())).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  it('of an export without artifacts is told from one that was changed', async () => {
    expect((await on('bare', 'import', folder.path('none'))).code).toBe(0);
    const lacking = await on('bare', 'verify');
    expect(lacking).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/as far as it is here: \d+ artifacts are/),
    });
    expect(lacking.stdout).not.toContain('NOT as it was written');
    const { missing, findings, findingsLeftOut } = JSON.parse((await on('bare', 'verify', '--json')).stdout);
    expect(missing).toBe(findings.length + findingsLeftOut);
    // One that is there and was changed is something else.
    await cp(folder.path('made'), folder.path('touched'), { recursive: true });
    const text = String((await recordsOf(folder.path('all')))[0]?.data['text']);
    await flip(folder.path('touched', 'artifacts', text.slice(0, 2), text), () => 0);
    expect((await on('touched', 'verify')).stdout).toContain('NOT as it was written');
  });

  it('goes into a folder that is empty, and into no other', async () => {
    await mkdir(folder.path('empty'));
    expect((await on('empty', 'import', folder.path('none'))).code).toBe(0);
    const again = await on('empty', 'import', folder.path('none'));
    expect({ code: again.code, said: again.stderr }).toEqual({
      code: 2,
      said: expect.stringContaining('is not empty'),
    });
    await writeFile(folder.path('file'), '');
    expect((await on('file', 'import', folder.path('none'))).stderr).toContain('is a file');
  });

  it.each([
    ['run', /holds run small only; a log is made from an export of the whole log/],
    ['range', /holds the records 5 to 9 only/],
  ])('refuses a part of a log: the export of a %s', async (part, said) => {
    const { code, stderr } = await on('new', 'import', folder.path(part));
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(said) });
    expect(await there(folder.path('new'))).toEqual([]);
  });

  it('writes nothing of an export that is damaged', async () => {
    const copy = await copyOf(folder.path('all'), folder.path('damaged'));
    await flip(join(copy, 'records.jsonl'), (bytes) => bytes.indexOf('recordedAt', 5000));
    const { code, stdout } = await on('new', 'import', copy);
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('byte change at position') });
    expect(stdout).toContain(`Nothing was written to ${folder.path('new')}`);
    expect(await there(folder.path('new'))).toEqual([]);
    expect((await on('new', 'import', folder.path('nowhere'))).code).toBe(2);
  });
});

describe('export', () => {
  it('with all artifacts has all that its records promise', async () => {
    const copy = await copyOf(folder.path('all'), folder.path('fewer'));
    const [corpus] = await recordsOf(copy);
    const text = String(corpus?.data['text']);
    await rm(join(copy, 'artifacts', text.slice(0, 2), text));
    expect((await verify(copy)).report.findings.map(({ kind }) => kind)).toEqual(['artifact missing', 'file missing']);
    await sumAgain(copy);
    expect(firstBad(await verify(copy))).toEqual({ code: 1, position: 1, kind: 'artifact missing' });
  });

  it('without artifacts leaves every verdict as it is, and says so', async () => {
    const { code, stdout } = await runVerifier(join(folder.path('none'), 'verify.mjs'));
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining('1 verdict is NOT judged again') });
    expect(stdout).toContain('The records are as they were written');
  });

  it('of a stretch proves its records', async () => {
    const { code, stdout } = await runVerifier(join(folder.path('range'), 'verify.mjs'), '--json');
    expect({ code, records: JSON.parse(stdout).shown.records }).toEqual({ code: 0, records: 5 });
    const [own, all] = [await recordsOf(folder.path('range')), await recordsOf(folder.path('all'))];
    expect(own).toEqual(all.slice(4, 9));
  });

  it('of a service is the one of its folder', async () => {
    service = await ServiceProcess.start(folder.path('data'), '--log-level', 'silent');
    const { code, stderr } = await type(['export', '--to', folder.path('served'), '--url', service.url]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { code: checked, stdout } = await runVerifier(join(folder.path('served'), 'verify.mjs'), '--json');
    expect({ checked, size: JSON.parse(stdout).shown.size }).toMatchObject({ checked: 0 });
    const records = await recordsOf(folder.path('all'));
    expect((await recordsOf(folder.path('served'))).slice(0, records.length)).toEqual(records);
  });

  it.each<[readonly string[], RegExp]>([
    [['--to', 'all'], /--to .*all: is not empty/],
    [['--to', 'x', '--run', 'nobody'], /run "nobody" does not exist; there are: small/],
    [['--to', 'x', '--from', '3'], /--from and --through: both are needed/],
    [['--to', 'x', '--from', '3', '--through', '2'], /--from and --through: both are needed/],
    [['--to', 'x', '--from', '3', '--through', '100000'], /position 100000: the checkpoint has \d+ records/],
    [['--to', 'x', '--from', '3', '--through', '4', '--run', 'small'], /a run or a stretch of the log, not both/],
    [
      ['--to', 'x', '--from', '3', '--through', '4', '--artifacts', 'judged'],
      /is not judged again; there are all and none/,
    ],
    [['--to', 'x', '--artifacts', 'some'], /Allowed choices are all, judged, none/],
  ])('refuses %j', async ([option = '', to = '', ...words], said) => {
    const { code, stderr } = await on('data', 'export', option, folder.path(to), ...words);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(said) });
    expect(await there(folder.path('x'))).toEqual([]);
  });

  it('of a folder without a log makes none', async () => {
    const { code, stderr } = await on('nowhere', 'export', '--to', folder.path('x'));
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('nowhere') });
    expect(await there(folder.path('nowhere'))).toEqual([]);
  });
});

test('the verifier says how it is used', async () => {
  const file = join(folder.path('all'), 'verify.mjs');
  expect((await runVerifier(file, '--help')).stdout).toContain('node verify.mjs [FOLDER]');
  const wrong: readonly (readonly [readonly string[], string])[] = [
    [['--what'], "Unknown option '--what'"],
    [['--key', folder.path('none', 'absent')], 'cannot be read (ENOENT)'],
    [['--key', folder.path('small.yaml')], 'no verifier key'],
    [['--checkpoint', folder.path('none', 'absent')], 'cannot be read (ENOENT)'],
    [['a', 'b'], 'one folder at a time'],
    [[folder.path('data')], 'there is no export here'],
  ];
  for (const [words, said] of wrong) {
    const { code, stderr } = await runVerifier(file, ...words);
    expect({ words, code, stderr }).toEqual({ words, code: 2, stderr: expect.stringContaining(said) });
  }
  expect(await readFile(file, 'utf8')).not.toMatch(/^(import|export)\b.*from "(?!node:)/m);
});
