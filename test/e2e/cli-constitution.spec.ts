import { createPrivateKey, sign } from 'node:crypto';
import { jest } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { defaultConstitution } from '#constitution/domain/document.js';
import { temporaryFolder, type, writeRunFile, type Ended } from './command-line.js';

const folder = temporaryFolder();
jest.setTimeout(240_000);

const here = (...words: readonly string[]): Promise<Ended> => type([...words, '--data', folder.path('data')]);
const document = async <T>(...words: readonly string[]): Promise<T> => {
  const { code, stdout, stderr } = await here(...words, '--json');
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as T;
};
/** Exit 2, nothing on standard output, one line that says what and where. */
const refused = async (...words: readonly string[]): Promise<string> => {
  const { code, stdout, stderr } = await here(...words);
  expect({ code, stdout, lines: stderr.trimEnd().split('\n').length }).toEqual({ code: 2, stdout: '', lines: 1 });
  return stderr;
};
const file = async (name: string, content: object): Promise<string> => {
  await writeFile(folder.path(name), JSON.stringify(content));
  return folder.path(name);
};
const amend = (path: string, ...words: readonly string[]): readonly string[] => [
  'constitution',
  'amend',
  path,
  '--reason',
  'a longer study',
  ...words,
];

const plan = (kMax: number) => ({ name: 'lenient', alphaPlan: { alpha: 0.5, kMax } });
const twoSigners = {
  rule: 'humans-amend',
  kind: 'PROCEDURAL',
  requirement: 'amendments-approved-by-humans',
  atLeast: 2,
};
const keyOf = (name: string): string => folder.path(`${name}.pem`);

describe('a key', () => {
  it('is made in two files, the private one for its owner alone, and never over another', async () => {
    const made = await document<{ keyId: string }>('key', 'create', '--name', 'ada', '--out', keyOf('ada'));
    expect((await stat(keyOf('ada'))).mode & 0o777).toBe(0o600);
    const pem = await readFile(keyOf('ada'), 'utf8');
    expect(pem).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    expect(JSON.stringify(made)).not.toContain(pem.split('\n')[1]);
    expect(await refused('key', 'create', '--name', 'bob', '--out', keyOf('ada'))).toMatch(/exists already/);
    expect(await readFile(keyOf('ada'), 'utf8')).toBe(pem);
    await writeFile(keyOf('eve'), 'something else');
    expect(await refused('key', 'create', '--name', 'eve', '--out', keyOf('eve'))).toMatch(/exists already/);
    expect(existsSync(`${keyOf('eve')}.pub`)).toBe(false);
    await document('key', 'create', '--name', 'bob', '--out', keyOf('bob'));
  });

  it('is registered as the first one by the owner, and then only with a signature of somebody known', async () => {
    await document('key', 'register', `${keyOf('ada')}.pub`);
    expect(await refused('key', 'register', `${keyOf('bob')}.pub`)).toMatch(/at least 1 needed, from ada/);
    const own = ['key', 'register', `${keyOf('bob')}.pub`, '--key', keyOf('bob')];
    expect(await refused(...own)).toMatch(/is not registered/);
    await document('key', 'register', `${keyOf('bob')}.pub`, '--key', keyOf('ada'));
    const keys = await document<{ name: string; revoked: boolean }[]>('key', 'list');
    expect(keys.map(({ name, revoked }) => [name, revoked])).toEqual([
      ['ada', false],
      ['bob', false],
    ]);
  });

  it.each([
    ['a public file in the place of a private one', () => ['--key', `${keyOf('ada')}.pub`], /no private key/],
    ['a signature without a name', () => ['--signature', 'AAAA'], /NAME:BASE64 is needed/],
  ])('refuses %s', async (_what, options, message) => {
    expect(await refused('key', 'register', `${keyOf('bob')}.pub`, ...options())).toMatch(message);
  });
});

describe('a constitution', () => {
  it('is linted: every problem at once with path, value and what is allowed; warnings of what is likely not meant', async () => {
    const broken = await file('broken.json', { alphaPlan: { alpha: 2, kMax: 0 }, scope: { regme: {} }, rules: [] });
    const { code, stdout } = await here('constitution', 'lint', broken, '--json');
    const { problems } = JSON.parse(stdout) as { problems: { field: string; value: unknown; allowed: string }[] };
    expect({ code, fields: problems.map(({ field }) => field) }).toEqual({
      code: 1,
      fields: ['alphaPlan.alpha', 'alphaPlan.kMax', 'scope.regme', 'rules', 'rules', 'rules', 'rules'],
    });
    expect(problems[0]).toMatchObject({ value: 2, allowed: expect.stringMatching(/<=0\.5/) });
    const stingy = await file('stingy.json', { alphaPlan: { alpha: 0.000001, kMax: 10_000 } });
    const linted = await document<{ problems: unknown[]; warnings: { path: string }[] }>(
      'constitution',
      'lint',
      stingy,
    );
    expect(linted).toMatchObject({
      problems: [],
      warnings: expect.arrayContaining([
        {
          path: 'alphaPlan',
          sentence: expect.stringMatching(/evidence of 10000000000 to 1; for general-quality-kept/),
        },
        { path: 'rules', sentence: expect.stringMatching(/fewer than half/) },
      ]),
    });
  });

  it('is enacted under a new name, explained, listed, shown and compared', async () => {
    const path = await file('lenient.json', plan(4));
    expect(await document('constitution', 'enact', path)).toEqual({ constitution: 'lenient', version: 1 });
    expect(await refused('constitution', 'enact', path)).toMatch(/enacted already.*amend it/);
    const explained = await document<{ rules: unknown[]; alpha: string[] }>('constitution', 'explain', 'lenient@1');
    expect(explained).toEqual(await document('constitution', 'explain', path));
    expect(explained.rules).toHaveLength(defaultConstitution.rules.length);
    expect(await document('constitution', 'diff', 'lenient', path)).toMatchObject({ changes: [] });
    expect(await refused('constitution', 'explain', 'lenient@2')).toMatch(/has no version 2; it has 1 to 1/);
    expect(await refused('constitution', 'explain', 'nobody')).toMatch(/does not exist; there are: lenient/);
    const shown = await document<object>('constitution', 'show', 'lenient');
    expect(await document('constitution', 'diff', await file('shown.json', shown), 'lenient')).toMatchObject({
      changes: [],
    });
  });

  it('is amended with a signature made elsewhere over the bytes that are printed', async () => {
    const path = await file('longer.json', plan(8));
    const { stdout: statement } = await here(...amend(path, '--print-statement'));
    expect(Object.keys(JSON.parse(statement) as object)).toEqual([
      'constitution',
      'document',
      'from',
      'purpose',
      'reason',
      'to',
    ]);
    const key = createPrivateKey(await readFile(keyOf('ada')));
    const signature = sign(null, Buffer.from(statement), key).toString('base64');
    expect(await refused(...amend(path, '--signature', `bob:${signature}`))).toMatch(/signature of bob: is not one/);
    expect(await refused(...amend(path, '--signature', `eve:${signature}`))).toMatch(/no key has that name/);
    const amended = await document(...amend(path, '--signature', `ada:${signature}`));
    expect(amended).toMatchObject({
      version: 2,
      signers: ['ada'],
      changes: [{ path: 'alphaPlan.kMax', before: '4', after: '8' }],
    });
    expect(await refused(...amend(path, '--signature', `ada:${signature}`))).toMatch(/changes nothing/);
  });

  it('asks for as many people as the version in force says', async () => {
    const { rules } = await document<{ rules: { rule: string }[] }>('constitution', 'show', 'lenient');
    const others = rules.filter(({ rule }) => rule !== 'humans-amend');
    const strict = await file('strict.json', { ...plan(8), rules: [...others, twoSigners] });
    await document(...amend(strict, '--key', keyOf('bob')));
    const back = await file('longer.json', plan(8));
    expect(await refused(...amend(back, '--key', keyOf('bob')))).toMatch(/there is 1; at least 2 needed/);
    expect(await document(...amend(back, '--key', keyOf('bob'), '--key', keyOf('ada')))).toMatchObject({ version: 4 });
    const listed = await document<{ versions: { signers: string[] }[] }[]>('constitution', 'list');
    expect(listed[0]?.versions.map(({ signers }) => signers)).toEqual([[], ['ada'], ['bob'], ['bob', 'ada']]);
  });
});

describe('a run', () => {
  it('under way keeps the version it began with, whatever is amended meanwhile', async () => {
    await writeRunFile(folder.path('run.json'), { cycles: 1, constitution: plan(8) });
    const start = ['run', 'start', folder.path('run.json'), '--data', folder.path('data')];
    const { code } = await type(start, { interruptAt: 'anchor  ' });
    expect(code).toBe(130);
    await document(...amend(await file('longest.json', plan(16)), '--key', keyOf('ada')));
    await document('run', 'resume', 'small');
    const shown = await document<{ constitution: string; alphaLeft: number }>('run', 'show', 'small');
    // A share of one in eight, not in sixteen.
    expect(shown).toMatchObject({ constitution: 'lenient v4', alphaLeft: 0.5 - 0.5 / 8 });
    const again = [...start, '--set', 'run=next'];
    expect((await type(again)).code).toBe(0);
    const verified = await document<{ ok: boolean }>('verify');
    expect(verified).toMatchObject({
      ok: true,
      verdicts: { judged: 2, agreed: 2, approvals: { checked: 7, unlawful: [] } },
    });
  });

  it('that is completed has its anchor reset by people, and a child of it is a lineage of its own', async () => {
    const reset = ['run', 'reset-anchor', 'small', '--reason', 'a new phase'];
    expect(await refused(...reset)).toMatch(/there are 0; at least 1 needed/);
    await document('key', 'revoke', 'bob', '--reason', 'left the team');
    expect(await refused(...reset, '--key', keyOf('bob'))).toMatch(/the key of that name is revoked/);
    const champion = (await document<{ champion: string }>('run', 'show', 'small')).champion;
    expect(await document(...reset, '--key', keyOf('ada'))).toMatchObject({
      anchor: champion,
      root: 'small',
      signers: ['ada'],
    });
    const { stdout } = await here('run', 'show', 'small');
    expect(stdout).toMatch(
      /anchor reset\s+\S+, signed by ada: a run that begins from here\s+starts a lineage anew; a new phase/,
    );
    await here('run', 'start', folder.path('run.json'), '--set', 'run=child', '--set', 'parent=small');
    expect(await document('run', 'show', 'child')).toMatchObject({ anchor: champion, alphaLeft: 0.5 - 0.5 / 8 });
    expect((await here('verify')).code).toBe(0);
  });
});
