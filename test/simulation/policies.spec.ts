import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rejudgeRun } from '#audit/rejudge.js';
import { loadCorpus } from '#corpus/register-corpus.js';
import { collect, fold } from '#ledger/ledger.js';
import { loadRun } from '#loop/run-context.js';
import { advanceRun } from '#loop/run-loop.js';
import { runStream, type Started } from '#run/domain/run.js';
import { findSuite } from '#suite/query-suite.js';
import { begin, smallFile, smallPorts } from './small-run.js';

const ports = smallPorts();
afterAll(() => ports.shadow.close());

const finished = async (run: string, changes: object): Promise<Started> => {
  await begin(ports, smallFile(run, changes));
  return advanceRun(ports, run);
};
const weights = (run: Started) =>
  run.cycles.flatMap(({ proposal }) => (proposal ? [proposal.allocation.weightsPpm] : []));

describe('allocation policies', () => {
  it('frozen: no update, no verdict, no alpha; the champion is the same to the last bit every cycle', async () => {
    const run = await finished('still', { policy: 'frozen', cycles: 3 });
    const scouted = run.cycles.flatMap(({ probes }) => probes.filter(({ role }) => role === 'scout'));
    expect(scouted).toHaveLength(3);
    expect(new Set(scouted.map(({ results }) => results)).size).toBe(1);
    expect(run.cycles.some(({ cycle, produced, verdict }) => cycle > 0 && (produced ?? verdict))).toBe(false);
    expect(run.status).toBe('completed');
    expect(run.champion).toBe(run.anchor?.checkpoint);
  }, 60_000);

  it.each(['learning-progress', 'uncertainty'] as const)(
    '%s: weights follow the scout losses and sum to a million',
    async (policy) => {
      const run = await finished(policy, { policy, targets: ['sort', 'dyck'], distractors: ['unlearnable'] });
      for (const shares of weights(run)) {
        const values = Object.values(shares);
        expect(values.reduce((sum, share) => sum + share, 0)).toBe(1_000_000);
        expect(Math.min(...values)).toBeGreaterThanOrEqual(99_999);
      }
      const last = Object.values(weights(run).at(-1) ?? {});
      expect(new Set(last).size).toBeGreaterThan(1);
      expect(await rejudgeRun(ports, policy)).toMatchObject({ verdicts: 2, agreed: 2 });
    },
    60_000,
  );
});

describe('a run on the champion of another', () => {
  beforeAll(() => finished('mother', { cycles: 1 }), 60_000);

  it('keeps the root anchor, the count and the alpha of its lineage', async () => {
    const parent = await finished('parent', { cycles: 1 });
    await begin(ports, smallFile('child', { cycles: 1, parent: 'parent' }));
    const child = await advanceRun(ports, 'child');
    const spent = parent.cycles.reduce((sum, { verdict }) => sum + (verdict?.alphaSpent ?? 0), 0);
    expect(child.lineage).toEqual({
      root: 'parent',
      anchor: parent.anchor?.checkpoint,
      judgedBefore: 1,
      alphaSpentBefore: spent,
    });
    expect(child.cycles[1]?.verdict).toMatchObject({ lineageIndex: 2 });
    const anchors = child.cycles[1]?.probes.filter(({ subject }) => subject === 'anchor');
    expect(anchors?.map(({ checkpoint }) => checkpoint)).toEqual([parent.anchor?.checkpoint]);
    expect((await rejudgeRun(ports, 'child')).disagreements).toEqual([]);
  }, 60_000);

  it('counts a sister that was judged meanwhile, and waits for one that still goes on', async () => {
    await begin(ports, smallFile('sister', { cycles: 1, parent: 'parent' }));
    expect((await loadRun(ports, 'sister')).lineage).toMatchObject({ judgedBefore: 2 });
    await expect(begin(ports, smallFile('twin', { parent: 'parent' }))).rejects.toThrow(/run sister .* is running/);
  }, 60_000);

  it.each([
    ['another alpha plan', { constitution: { name: 'rich', alphaPlan: { alpha: 0.5, kMax: 50 } } }, /alphaPlan.*keeps/],
    [
      'another constitution',
      { constitution: { name: 'strange', alphaPlan: { alpha: 0.5, kMax: 4 } } },
      /constitution.name: "strange".* judged by "lenient", and keeps it/,
    ],
    ['a checkpoint besides', { base: { checkpoint: 'anything' } }, /leave out one of the two/],
    ['another shape', { model: { dModel: 64 } }, /model.dModel: 64; the checkpoint it begins from has 32/],
  ])(
    'refuses %s',
    async (_what, changes, message) => {
      await expect(begin(ports, smallFile('son', { parent: 'mother', ...changes }))).rejects.toThrow(message);
    },
    60_000,
  );

  it('is never probed with text that its forebears learnt from', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lineage-'));
    const path = join(folder, 'same-text-cut-elsewhere.txt');
    const { text } = await loadCorpus(ports.ledger.log, ports.artifacts, 'english');
    await writeFile(path, Buffer.concat([Buffer.from('x'.repeat(1500)), text]));
    const own = { general: 'own', corpora: { own: { path } } };
    const leftOut = async (run: string, changes: object): Promise<number> => {
      await begin(ports, smallFile(run, { ...own, ...changes }));
      return (await findSuite(ports.ledger.log, `${run}-gate`)).sealed.overlapLeftOut;
    };
    expect(await leftOut('heir', { parent: 'mother' })).toBeGreaterThan(100 + (await leftOut('stranger', {})));
    await rm(folder, { recursive: true });
  }, 60_000);
});

describe('what a run refuses before anything is trained', () => {
  const cases: readonly (readonly [string, object, RegExp])[] = [
    ['an unknown field', { colour: 'red' }, /colour/],
    ['a learning rate that is text', { base: { learningRate: 'fast' } }, /base/],
    [
      'a regime outside the scope',
      { regime: { ...(smallFile('a') as { regime: object }).regime, learningRate: 0.5 } },
      /learningRate is 0.5; constitution "lenient" allows/,
    ],
    ['a sequence the model cannot read', { sequence: 100 }, /sequence: 100/],
    [
      'a gate that could accept nothing',
      { constitution: {}, evaluation: { blocks: 10, documents: 10 } },
      /accepted in fewer than half/,
    ],
    ['a corpus that is not described', { general: 'latin' }, /general: "latin" is used but not described/],
    ['a corpus too small for its suites', { corpora: { english: { path: 'LICENSE' } } }, /corpus english: .* needed/],
    ['a path that does not exist', { corpora: { english: { path: 'nowhere' } } }, /nowhere: does not exist/],
    ['a path that is no text', { corpora: { english: { path: process.execPath } } }, /is binary/],
    ['a domain named twice', { targets: ['sort', 'sort'] }, /targets.1: .*"sort" is named twice/],
    ['a target that is a distractor too', { distractors: ['dyck'] }, /distractors.0: .*"dyck" is named twice/],
    ['a corpus named like a family', { corpora: { sort: { path: 'LICENSE' } } }, /corpora.sort: .*family of tasks/],
    [
      'regimes that are out of order',
      { regime: ['conservative', 'aggressive'].map((regime, at) => ({ fromCycle: 3 - at, regime })) },
      /first fromCycle must be 1/,
    ],
    ['a name too long for its suites', { run: 'a'.repeat(57) }, /run: .*at most 56/],
    ['a parent that does not exist', { parent: 'nobody' }, /parent: run nobody/],
    ['a checkpoint folder that does not exist', { base: { checkpoint: 'nowhere' } }, /base.checkpoint: nowhere/],
  ];

  it.each(cases)('%s', async (_what, changes, message) => {
    const fresh = smallPorts();
    await expect(begin(fresh, smallFile('never', changes))).rejects.toThrow(message);
    expect((await fold(fresh.ledger.log, runStream, 'never')).state.status).toBe('absent');
    await fresh.shadow.close();
  });

  it('a second run of the same name', async () => {
    await begin(ports, smallFile('twice'));
    await expect(begin(ports, smallFile('twice'))).rejects.toThrow(/twice exists already/);
    expect(await collect(ports.ledger.log.readStream('run-twice'))).toHaveLength(1);
  });
});
