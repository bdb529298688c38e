import { jest } from '@jest/globals';
import { readFile, writeFile } from 'node:fs/promises';
import { collect, decide, fold, Ledger } from '#ledger/ledger.js';
import { rollBack } from '#run/domain/decisions.js';
import { runStream } from '#run/domain/run.js';
import { LmdbLog } from '#store/lmdb-log.js';
import { RandomIds } from '#store/random-ids.js';
import { SystemClock } from '#store/system-clock.js';
import { temporaryFolder, type, writeRunFile, type Ended } from './command-line.js';

const folder = temporaryFolder();
jest.setTimeout(240_000);

const here = (...words: readonly string[]): Promise<Ended> => type([...words, '--data', folder.path('data')]);

const document = async <T>(...words: readonly string[]): Promise<T> => {
  const { code, stdout, stderr } = await here(...words, '--json');
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as T;
};

type Facts = {
  run: string;
  status: string;
  cyclesDone: number;
  champion: string;
  anchor: string;
  interrupted: boolean;
};

beforeAll(async () => {
  await writeRunFile(folder.path('run.json'));
  const interrupted = await type(['run', 'start', folder.path('run.json'), '--data', folder.path('data'), '--json'], {
    interruptAt: 'anchor  ',
  });
  expect(interrupted.code).toBe(130);
  expect(interrupted.stderr).toContain('run resume small');
  expect(JSON.parse(interrupted.stdout)).toMatchObject({ run: 'small', status: 'running', interrupted: true });
  const resumed = await here('run', 'resume', 'small', '--json');
  expect({ code: resumed.code, facts: JSON.parse(resumed.stdout) }).toMatchObject({
    code: 0,
    facts: { status: 'completed', cyclesDone: 2, interrupted: false },
  });
});

test('the run that was interrupted and resumed is listed, shown and told from its beginning', async () => {
  const [listed] = await document<Facts[]>('run', 'list');
  const shown = await document<Facts & { report: unknown[] }>('run', 'show', 'small');
  expect(listed).toMatchObject({ run: 'small', status: 'completed', cyclesDone: 2 });
  expect(shown.report).toHaveLength(3);
  const { code, stdout } = await here('run', 'watch', 'small');
  expect(code).toBe(0);
  for (const words of [
    'Run small',
    'base ',
    'Cycle 1 of 2',
    'Cycle 2 of 2',
    'probes ',
    'drift ',
    'report ',
    'completed ',
  ])
    expect(stdout).toContain(words);
  expect(stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test('a cycle and its verdict are shown, and the verdict comes out the same now', async () => {
  const cycle = await document<{ facts: { outcome: string }; probes: unknown[] }>('cycle', 'show', 'small', '1');
  const verdict = await document<{ verdict: string; recomputed: { same: boolean } }>(
    'verdict',
    'explain',
    'small',
    '1',
  );
  expect(cycle.probes).toHaveLength(5);
  expect(verdict.verdict).toBe(cycle.facts.outcome);
  expect(verdict.recomputed.same).toBe(true);
  const { stdout } = await here('verdict', 'explain', 'small', '1');
  expect(stdout.split('\n')[0]).toMatch(/^(ACCEPT|REJECT|INCONCLUSIVE) {2}(Accepted|Rejected|Not settled): /);
  const wide = stdout.split('\n').filter((line) => line.length > 80);
  expect(wide.filter((line) => !line.includes('--data'))).toEqual([]);
  expect(stdout).toContain('general-quality-kept');
  expect(stdout).toContain('the same verdict');
});

test('what the log holds is verified, and the head can be held against a later verification', async () => {
  const { ok, events, root, verdicts } = await document<{
    ok: boolean;
    events: number;
    root: string;
    verdicts: { judged: number; agreed: number };
  }>('verify', '--record');
  expect({ ok, verdicts }).toMatchObject({ ok: true, verdicts: { judged: 2, agreed: 2 } });
  const head = ['--expect-size', String(events), '--expect-root'];
  const held = await here('verify', ...head, root);
  expect(held).toMatchObject({ code: 0, stdout: expect.stringContaining('Held against the root over') });
  const other = await here(
    'verify',
    ...head,
    root.replace(/^./, (digit) => (digit === '0' ? '1' : '0')),
  );
  expect(other.code).toBe(1);
  expect(other.stdout).toContain('NOT as it was written');
});

test('replays are equal, of the whole run and of one cycle, whatever computes them', async () => {
  const whole = await document<{ diverged: number; runDigest: { recorded: string; replayed: string } }>(
    'replay',
    'small',
  );
  expect(whole.diverged).toBe(0);
  expect(whole.runDigest.replayed).toBe(whole.runDigest.recorded);
  const one = ['replay', 'small', '--cycle', '1', '--threads', '1', '--isa', 'reference'];
  expect(await document(...one)).toMatchObject({ cycles: 1, matched: 1, diverged: 0 });
  const bisected = await here('replay', 'small', '--bisect', '--json');
  expect(JSON.parse(bisected.stdout)).toMatchObject({
    equal: true,
    updates: [{ cycle: 0 }, { cycle: 1 }, { cycle: 2 }],
  });
  expect(bisected.stderr).toContain('3 of 3 recorded updates trained again, all equal to the last bit.\n');
  for (const words of [
    ['--states', 'x'],
    ['--bisect', '--states', 'x'],
  ])
    expect(await here('replay', 'small', ...words)).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/--states x: /),
    });
  const recorded = await here('replay', 'small', '--bisect', '--record');
  expect(recorded).toMatchObject({ code: 2, stderr: expect.stringMatching(/^prometheus-ledger: --record: .*\n$/) });
});

test('a checkpoint is exported for transformers and ONNX, once', async () => {
  const { checkpoint, files } = await document<{ checkpoint: string; files: string[] }>(
    'checkpoint',
    'export',
    'small',
    '--to',
    folder.path('exported'),
    '--cycle',
    '0',
  );
  expect(files).toEqual(['model.safetensors', 'config.json', 'model.onnx']);
  const { createHash } = await import('node:crypto');
  const weights = await readFile(folder.path('exported', 'model.safetensors'));
  expect(createHash('sha256').update(weights).digest('hex')).toBe(checkpoint);
  const config = JSON.parse(await readFile(folder.path('exported', 'config.json'), 'utf8'));
  expect(config).toMatchObject({ model_type: 'mamba2', hidden_size: 32, num_heads: 2, vocab_size: 256 });
  expect((await here('checkpoint', 'export', 'small', '--to', folder.path('exported'))).code).toBe(2);
  const to = async (path: string): Promise<Ended> => here('checkpoint', 'export', 'small', '--to', path);
  expect((await to(folder.path('run.json'))).stderr).toMatch(/run\.json: there is a file where a folder is needed/);
  expect((await to('/proc/nowhere')).stderr).toMatch(/no folder can be made in \/proc/);
});

test('a second run of the same name is refused, one from an exported checkpoint is not trained at its base', async () => {
  const again = await here('run', 'start', folder.path('run.json'));
  expect({ code: again.code, said: again.stderr }).toMatchObject({
    code: 2,
    said: expect.stringContaining('small exists already'),
  });
  await here('checkpoint', 'export', 'small', '--to', folder.path('base'), '--cycle', '0');
  const from = ['--base', folder.path('base'), '--set', 'run=second', '--set', 'cycles=1'];
  const child = await document<Facts>('run', 'start', folder.path('run.json'), ...from);
  const [first] = await document<Facts[]>('run', 'list');
  expect(child.anchor).toBe(first?.anchor);
  const { config } = await document<{ config: { field: string }[] }>('run', 'diff', 'small', 'second');
  expect(config.map(({ field }) => field)).toEqual(expect.arrayContaining(['cycles', 'base.kind']));
});

test('a rollback needs an accepted checkpoint; a completed run is neither halted nor resumed', async () => {
  for (const [words, said] of [
    [['run', 'rollback', 'small', '--to', '9', '--reason', 'x'], /no accepted checkpoint/],
    [['run', 'halt', 'small', '--reason', 'x'], /completed/],
    [['run', 'resume', 'small'], /completed/],
  ] as const) {
    const { code, stderr } = await here(...words);
    expect({ code, said: stderr }).toEqual({ code: 2, said: expect.stringMatching(said) });
  }
});

test('a drill goes back and forward again and leaves the champion as it was', async () => {
  const [before] = await document<Facts[]>('run', 'list');
  const drilled = await document<{ champion: string; ancestor: string; equal: boolean }>('run', 'drill', 'small');
  expect(drilled).toMatchObject({ champion: before?.champion, equal: true });
  expect(drilled.ancestor).not.toBe(drilled.champion);
  const after = await document<Facts & { rollbacks: { cause: string; verified: boolean }[] }>('run', 'show', 'small');
  expect(after).toMatchObject({ status: 'completed', champion: before?.champion });
  expect(after.rollbacks.map(({ cause, verified }) => [cause, verified])).toEqual([
    ['drill', true],
    ['drill', true],
  ]);
  const { code, stderr } = await here('run', 'drill', 'nowhere');
  expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringMatching(/nowhere/) });
});

test('a rollback of a completed run that a kill left unverified is verified by resuming', async () => {
  const log = await LmdbLog.open(folder.path('data', 'log'));
  const ledger = new Ledger(log, new SystemClock(), new RandomIds());
  const { state } = await fold(log, runStream, 'small');
  const recorded = await collect(log.readStream('audit'));
  expect(recorded.map(({ type, actor }) => [type, actor.kind])).toEqual([['LogVerified', 'human']]);
  const [anchor = '', accepted] = state.status === 'absent' ? [] : state.accepted;
  expect(accepted).toBeDefined();
  const by = { actor: { kind: 'human', id: 'ada', build: 'test' } } as const;
  await decide(ledger, runStream, 'small', rollBack(anchor, 'drill', 'ada'), by);
  await log.close();
  const again = await here('run', 'rollback', 'small', '--to', '0', '--reason', 'x');
  expect({ code: again.code, said: again.stderr }).toMatchObject({
    code: 2,
    said: expect.stringMatching(/run resume/),
  });
  const resumed = await document<Facts>('run', 'resume', 'small');
  expect(resumed).toMatchObject({ status: 'completed', champion: anchor });
  expect((await here('run', 'resume', 'small')).code).toBe(2);
  const { stdout } = await here('run', 'watch', 'small');
  expect(stdout).toContain('re-hashed and probed again');
});

test('a constitution is amended for runs to come; the run that began before keeps its version', async () => {
  const longer = { name: 'lenient', alphaPlan: { alpha: 0.5, kMax: 8 } };
  await writeFile(folder.path('longer.json'), JSON.stringify(longer));
  const start = ['run', 'start', folder.path('run.json'), '--set', 'run=third', '--set', 'cycles=1'];
  const changed = [...start, '--set', 'constitution.alphaPlan.kMax=8'];
  expect((await here(...changed)).stderr).toMatch(/constitution amend/);
  const words = ['constitution', 'amend', folder.path('longer.json'), '--reason', 'a longer study'];
  await type(['key', 'create', '--name', 'ada', '--out', folder.path('ada.pem')]);
  const signed = [...words, '--key', folder.path('ada.pem')];
  expect((await here(...signed)).stderr).toMatch(/the key [0-9a-f]{64} is not registered/);
  await document('key', 'register', folder.path('ada.pem.pub'));
  expect((await here(...words)).stderr).toMatch(/there are 0; at least 1 needed, from ada/);
  const amended = await document<{ version: number }>(...signed);
  expect(amended).toMatchObject({ constitution: 'lenient', version: 2 });
  await document<Facts>(...changed);
  const facts = await document<{ run: string; constitution: string }[]>('run', 'list');
  expect(facts.map(({ run, constitution }) => [run, constitution])).toEqual(
    expect.arrayContaining([
      ['small', 'lenient v1'],
      ['third', 'lenient v2'],
    ]),
  );
});
