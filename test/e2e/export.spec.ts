import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sha256 } from '#ledger/digest.js';
import { temporaryFolder, type, writeRunFile } from './command-line.js';
import { copyOf, filesIn, firstBad, flip, recordsOf, runVerifier, sumAgain, verify } from './exporting.js';

const folder = temporaryFolder();
const data = (): string => folder.path('data');

const typed = async (...words: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await type([...words, '--data', data()]);
  if (code !== 0) throw new Error(`${words.join(' ')}: ${stderr}${stdout}`);
  return stdout;
};

/** A run and its child, and one apart that is rolled back at last; exports of before and after that. */
beforeAll(async () => {
  await writeRunFile(folder.path('other.yaml'), { run: 'other', cycles: 1 });
  await writeRunFile(folder.path('small.yaml'));
  await typed('run', 'start', folder.path('other.yaml'));
  await typed('run', 'start', folder.path('small.yaml'));
  await writeRunFile(folder.path('child.yaml'), { run: 'child', cycles: 1, base: undefined, parent: 'other' });
  await typed('run', 'start', folder.path('child.yaml'));
  await typed('export', '--to', folder.path('before'));
  await typed('run', 'rollback', 'small', '--to', '0', '--reason', 'to practise');
  await typed('export', '--to', folder.path('whole'));
  await typed('export', '--to', folder.path('run'), '--run', 'small');
}, 240_000);

const whole = (): Promise<string> => copyOf(folder.path('whole'), folder.path('copy'));
const part = (): Promise<string> => copyOf(folder.path('run'), folder.path('copy'));

const positionOf = async (export_: string, type_: string): Promise<number> =>
  (await recordsOf(export_)).findLastIndex((record) => record.type === type_) + 1;

describe('an export of the whole log', () => {
  it('is checked elsewhere by plain Node.js, down to every verdict', async () => {
    const { code, report } = await verify(await whole());
    const { size, root } = JSON.parse(await typed('log', 'checkpoint', '--json')) as { size: number; root: string };
    const records = await recordsOf(folder.path('whole'));
    expect({ code, findings: report.findings }).toEqual({ code: 0, findings: [] });
    expect(report.shown).toMatchObject({
      scope: { kind: 'log' },
      size,
      root,
      completeTo: size,
      records: records.length,
      verdicts: { recorded: 4, judged: 4, agreed: 4, approvals: 1 },
      artifacts: { which: 'judged' },
    });
    expect(size).toBe(records.length);
    expect(report.shown?.artifacts.count).toBe(
      (await filesIn(await whole())).filter((path) => path.startsWith('artifacts/')).length,
    );
  });

  it('says in words that it is complete up to its checkpoint, and nothing more', async () => {
    const { code, stdout } = await runVerifier(join(await whole(), 'verify.mjs'));
    expect(code).toBe(0);
    expect(stdout).toMatch(/Complete up to checkpoint \d+; of what came later it says nothing/);
    expect(stdout).toContain('4 of 4 come out the same');
    expect(stdout).toContain('a checkpoint that you kept from earlier');
  });

  it('has sums that any program can check', async () => {
    const copy = await whole();
    const sums = (await readFile(join(copy, 'SHA256SUMS'), 'utf8')).trimEnd().split('\n');
    const paths = (await filesIn(copy)).filter((path) => path !== 'SHA256SUMS' && path !== 'verify.mjs');
    const own = await Promise.all(paths.map(async (path) => `${sha256(await readFile(join(copy, path)))}  ${path}`));
    expect(sums.toSorted()).toEqual(own.toSorted());
  });

  it.each<[string, RegExp, number, string]>([
    ['a proof tile', /^tile\/0\//, 40, 'tile changed'],
    ['the checkpoint', /^checkpoint$/, 150, 'checkpoint invalid'],
    ['the key', /^key\.pub$/, 60, 'checkpoint invalid'],
    ['the schemas', /^event-schemas\.json$/, 500, 'file changed'],
    ['the manifest', /^manifest\.json$/, 60, 'file changed'],
    ['a name in the sums', /^SHA256SUMS$/, 70, 'file missing'],
    ['a sum', /^SHA256SUMS$/, 10, 'file changed'],
  ])('shows a flipped bit of %s', async (_, pattern, at, kind) => {
    const copy = await whole();
    const path = (await filesIn(copy)).find((file) => pattern.test(file)) ?? '';
    await flip(join(copy, path), () => at);
    const { code, report } = await verify(copy);
    expect({ code, ok: report.ok, kinds: report.findings.map((found) => found.kind) }).toEqual({
      code: 1,
      ok: false,
      kinds: expect.arrayContaining([kind]),
    });
  });

  it('shows a flipped bit of its verifier, which goes on checking', async () => {
    const copy = await whole();
    await flip(join(copy, 'verify.mjs'), (bytes) => bytes.lastIndexOf('Permission'));
    expect(firstBad(await verify(copy))).toEqual({ code: 1, position: null, kind: 'file changed' });
  });

  it.each([1, 40, -1])('names the record of which a bit flipped: %d', async (place) => {
    const copy = await whole();
    const lines = (await readFile(join(copy, 'records.jsonl'), 'utf8')).trimEnd().split('\n');
    const position = place < 0 ? lines.length : place;
    const start = Buffer.byteLength(lines.slice(0, position - 1).join('\n')) + 1;
    await flip(join(copy, 'records.jsonl'), (bytes) => bytes.indexOf('recordedAt', start));
    expect(firstBad(await verify(copy))).toEqual({ code: 1, position, kind: 'byte change' });
  });

  it('names the record whose artifact changed or is gone', async () => {
    const copy = await whole();
    const records = await recordsOf(copy);
    const probes = records.findIndex(({ type }) => type === 'ProbesRecorded');
    const results = String(records[probes]?.data['results']);
    const path = join(copy, 'artifacts', results.slice(0, 2), results);
    await flip(path, () => 100);
    expect(firstBad(await verify(copy))).toMatchObject({ code: 1, kind: 'artifact changed' });
    expect((await verify(copy)).report.findings.map(({ kind }) => kind)).toContain('not judged');
    await writeFile(path, '');
    expect(firstBad(await verify(copy))).toMatchObject({ code: 1, kind: 'artifact changed' });
  });

  it('is no smaller than its checkpoint', async () => {
    const copy = await whole();
    const lines = (await readFile(join(copy, 'records.jsonl'), 'utf8')).trimEnd().split('\n');
    await writeFile(join(copy, 'records.jsonl'), `${lines.slice(0, -1).join('\n')}\n`);
    await sumAgain(copy);
    expect(firstBad(await verify(copy))).toEqual({ code: 1, position: lines.length, kind: 'truncation' });
  });

  it('from before the last rollback is whole, and shown to be older by a later checkpoint', async () => {
    const copy = await copyOf(folder.path('before'), folder.path('copy'));
    const { code, report } = await verify(copy);
    const before = await recordsOf(copy);
    expect({ code, completeTo: report.shown?.completeTo }).toEqual({ code: 0, completeTo: before.length });
    expect(before.map(({ type }) => type)).not.toContain('ChampionRolledBack');
    const later = join(folder.path('whole'), 'checkpoint');
    expect(firstBad(await verify(copy, '--checkpoint', later))).toEqual({
      code: 1,
      position: before.length + 1,
      kind: 'truncation',
    });
    const grown = await verify(await whole(), '--checkpoint', join(folder.path('before'), 'checkpoint'));
    expect(grown).toMatchObject({ code: 0, report: { shown: { older: before.length } } });
  });
});

describe('an export of a run', () => {
  it('has its records and what they stand on, with proofs, and none of another run', async () => {
    const { code, report } = await verify(await part());
    expect({ code, findings: report.findings }).toEqual({ code: 0, findings: [] });
    const records = await recordsOf(folder.path('run'));
    const streams = new Set(records.map(({ stream }) => stream));
    expect([...streams].toSorted()).toEqual(
      [
        'constitution-lenient',
        'corpus-english',
        ...['gate', 'report', 'scout', 'shadow'].map((role) => `suite-small-${role}`),
        'run-small',
      ].toSorted(),
    );
    const { shown } = report;
    expect(shown).toMatchObject({ completeTo: null, verdicts: { recorded: 2, judged: 2, agreed: 2 } });
    expect(shown?.size).toBe((await recordsOf(folder.path('whole'))).length);
    expect(records.length).toBeLessThan(shown?.size ?? 0);
    const { stdout } = await runVerifier(join(folder.path('run'), 'verify.mjs'));
    expect(stdout).toContain('Whether more belongs to them is shown by an export of the whole log only');
    expect(stdout).not.toContain('Complete up to');
  });

  it('has the runs of its lineage, without which its balance cannot be judged', async () => {
    await typed('export', '--to', folder.path('child'), '--run', 'child');
    const streams = async (): Promise<readonly string[]> =>
      [...new Set((await recordsOf(folder.path('child'))).map(({ stream }) => stream))].filter((name) =>
        name.startsWith('run-'),
      );
    expect(await streams()).toEqual(['run-other', 'run-child']);
    const { code, report } = await verify(folder.path('child'));
    expect({ code, verdicts: report.shown?.verdicts }).toMatchObject({ code: 0, verdicts: { recorded: 1, agreed: 1 } });
  });

  const change = async (edit: (lines: string[]) => readonly string[]): Promise<string> => {
    const copy = await part();
    const lines = (await readFile(join(copy, 'records.jsonl'), 'utf8')).trimEnd().split('\n');
    await writeFile(join(copy, 'records.jsonl'), `${edit(lines).join('\n')}\n`);
    await sumAgain(copy);
    return copy;
  };

  /** Position in the log of a line of the export. */
  const placeOf = async (line: number): Promise<number> => {
    const [own, all] = [await recordsOf(folder.path('run')), await recordsOf(folder.path('whole'))];
    return all.findIndex(({ id }) => id === own[line - 1]?.id) + 1;
  };

  it('names the first record that the log has not there', async () => {
    const changed = await change((lines) =>
      lines.map((line, at) => (at === 29 ? line.replace('"build"', '"built"') : line)),
    );
    expect(firstBad(await verify(changed))).toEqual({ code: 1, position: await placeOf(30), kind: 'byte change' });
    const removed = await change((lines) => lines.filter((_, at) => at !== 29));
    expect(firstBad(await verify(removed))).toEqual({ code: 1, position: await placeOf(30), kind: 'gap' });
    const doubled = await change((lines) => lines.toSpliced(30, 0, lines[10] ?? ''));
    expect(firstBad(await verify(doubled))).toEqual({ code: 1, position: await placeOf(31), kind: 'insertion' });
    const cut = await change((lines) => lines.slice(0, -1));
    const last = (await recordsOf(folder.path('run'))).length;
    expect(firstBad(await verify(cut))).toEqual({ code: 1, position: await placeOf(last), kind: 'truncation' });
  });

  it('shows a record left out in the middle, though the places be changed too', async () => {
    const copy = await part();
    const records = await recordsOf(copy);
    const left = await positionOf(copy, 'ProbesRecorded');
    const lines = (await readFile(join(copy, 'records.jsonl'), 'utf8')).trimEnd().split('\n');
    await writeFile(join(copy, 'records.jsonl'), `${lines.filter((_, at) => at !== left - 1).join('\n')}\n`);
    const places: [number, number][] = [];
    for (let line = 1; line <= records.length; line += 1)
      if (line !== left) places.push([await placeOf(line), await placeOf(line)]);
    const manifest = JSON.parse(await readFile(join(copy, 'manifest.json'), 'utf8')) as object;
    await writeFile(join(copy, 'manifest.json'), JSON.stringify({ ...manifest, places }));
    await sumAgain(copy);
    expect(firstBad(await verify(copy))).toMatchObject({ code: 1, kind: 'gap' });
  });
});
