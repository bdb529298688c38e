import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rejudgeRun } from '#audit/rejudge.js';
import { bytesOf, documentsOf } from '#corpus/domain/corpus.js';
import { decodeSequences } from '#corpus/domain/plsq.js';
import { loadCorpus } from '#corpus/register-corpus.js';
import { runDigest } from '#ledger/digest.js';
import { collect, decide } from '#ledger/ledger.js';
import { advanceRun } from '#loop/run-loop.js';
import { rollBack } from '#run/domain/decisions.js';
import { runStream, type Started } from '#run/domain/run.js';
import { findSuite, loadItems } from '#suite/query-suite.js';
import { Trainer, UpdateFailed, type Order, type TrainerFacts, type Training } from '#trainer/trainer.js';
import { begin, smallFile, smallPorts } from './small-run.js';

type Ports = ReturnType<typeof smallPorts>;
const closing: Ports[] = [];
const opened = (): Ports => {
  const ports = smallPorts();
  closing.push(ports);
  return ports;
};
const by = { actor: { kind: 'human', id: 'ada', build: 'test' } } as const;
const gentle = (smallFile('x') as { regime: object }).regime;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'adversarial-'));
});
afterAll(async () => {
  await Promise.all(closing.map(({ shadow }) => shadow.close()));
  await rm(folder, { recursive: true });
});

/** Loses every update of cycle 1 so many times before it trains it. */
class StubbornTrainer extends Trainer {
  constructor(
    private readonly inner: Trainer,
    private losses: number,
  ) {
    super();
  }

  facts(): TrainerFacts {
    return this.inner.facts();
  }

  adopts(order: Order): boolean {
    return this.inner.adopts(order);
  }

  async train(order: Order, training: Training): Promise<void> {
    if (order.cycle === 0 || this.losses === 0) return this.inner.train(order, training);
    this.losses -= 1;
    await training.onClaimed({ trainer: `try-${this.losses}`, ...this.facts(), contract: 'nc-1' });
    throw new UpdateFailed('lost', null, 'gone');
  }
}

it('the same candidate, tried for 200 times over, is drawn one set of items, and every attempt is counted', async () => {
  const [calm, ground] = [opened(), opened()];
  Object.assign(ground, { trainer: new StubbornTrainer(ground.trainer, 200) });
  for (const ports of [calm, ground]) {
    await begin(ports, smallFile('same', { cycles: 1 }));
    await advanceRun(ports, 'same');
  }
  const [straight, tried] = await Promise.all(
    [calm, ground].map((ports) => collect(ports.ledger.log.readStream('run-same'))),
  );
  const attempts = tried?.filter(({ type }) => type === 'UpdateAborted') ?? [];
  expect(attempts.map(({ data }) => (data['env'] as { attempt: number }).attempt)).toEqual(
    Array.from({ length: 200 }, (_, at) => at + 1),
  );
  expect(tried?.findLast(({ type }) => type === 'UpdateProduced')?.data['env']).toMatchObject({ attempt: 201 });
  const drawn = await collect(ground.ledger.log.readStream('suite-same-shadow'));
  expect(drawn.filter(({ type }) => type === 'ProbeSuiteQueried')).toHaveLength(1);
  expect(runDigest(tried ?? [])).toBe(runDigest(straight ?? []));
}, 120_000);

describe('alpha that is spent', () => {
  let run: Started;
  const ports = opened();
  beforeAll(async () => {
    const constitution = { name: 'once', alphaPlan: { alpha: 0.4, kMax: 1 } };
    await begin(ports, smallFile('spent', { cycles: 3, constitution }));
    run = await advanceRun(ports, 'spent');
  }, 120_000);

  it('lets no further candidate through, however good it is', async () => {
    const [, first, ...later] = run.cycles;
    expect(first?.verdict?.alphaLeft).toBe(0);
    for (const { verdict } of later) {
      expect(verdict).toMatchObject({ verdict: 'REJECT', alphaSpent: 0, alphaLeft: 0 });
      expect(verdict?.reasons.find(({ rule }) => rule === 'alpha-balance')?.sentence).toMatch(/no share of alpha left/);
    }
    expect((await rejudgeRun(ports, 'spent')).disagreements).toEqual([]);
  });

  it('is not made good by a run on its champion', async () => {
    const constitution = { name: 'once', alphaPlan: { alpha: 0.4, kMax: 1 } };
    await expect(begin(ports, smallFile('heir', { cycles: 1, constitution, parent: 'spent' }))).rejects.toThrow(
      /lineage of spent has judged all 1 candidates of its plan/,
    );
    const rich = { name: 'rich', alphaPlan: { alpha: 0.5, kMax: 100 } };
    await expect(begin(ports, smallFile('heir', { constitution: rich, parent: 'spent' }))).rejects.toThrow(
      /the lineage of spent has .* and keeps it/,
    );
  }, 60_000);

  it('nor by a rollback to what was rejected, or is of another run', async () => {
    const rejected = run.cycles.at(-1)?.produced?.candidate ?? '';
    const back = (to: string) => decide(ports.ledger, runStream, 'spent', rollBack(to, 'why not', 'ada'), by);
    await expect(back(rejected)).rejects.toThrow(/was never accepted in this run/);
    const other = opened();
    await begin(other, smallFile('other', { cycles: 1, seed: 2 }));
    const foreign = (await advanceRun(other, 'other')).anchor?.checkpoint ?? '';
    await expect(back(foreign)).rejects.toThrow(/was never accepted in this run/);
  }, 60_000);
});

describe('text that must not be learnt from', () => {
  const ports = opened();
  let own: string;
  beforeAll(async () => {
    await begin(ports, smallFile('first', { cycles: 1 }));
    const { text } = await loadCorpus(ports.ledger.log, ports.artifacts, 'english');
    own = join(folder, 'own.txt');
    await writeFile(own, text.subarray(0, 1_200_000));
    // The same text cut at other places, so that no document is the copy of another.
    await writeFile(join(folder, 'again.txt'), Buffer.concat([Buffer.from('x'.repeat(1500)), text]));
  }, 60_000);

  it('since it holds items of the gate: those are left out, and nothing that is learnt from is among the others', async () => {
    const corpora = { own: { path: own }, again: { path: join(folder, 'again.txt') } };
    await begin(ports, smallFile('leak', { general: 'own', texts: ['again'], corpora }));
    const { log } = ports.ledger;
    const { sealed } = await findSuite(log, 'leak-gate');
    expect(sealed.overlapLeftOut).toBeGreaterThan(100);
    const learnt = await Promise.all(['own', 'again'].map((name) => loadCorpus(log, ports.artifacts, name)));
    const documents = learnt.flatMap((corpus) =>
      documentsOf(corpus, 'train').map((document) => Buffer.from(bytesOf(corpus, document))),
    );
    const { sequences } = await loadItems(ports.artifacts, sealed);
    for (const { tokens } of decodeSequences(sequences))
      expect(documents.some((document) => document.includes(Buffer.from(tokens)))).toBe(false);
  }, 60_000);

  const model = 'a'.repeat(64);
  const made = (run: string, changes: object): object =>
    smallFile(run, {
      corpora: { english: { package: 'english' }, made: { path: own, origin: { kind: 'synthetic', model } } },
      texts: ['made'],
      ...changes,
    });

  it('since a model wrote more of it than the constitution allows: every such cycle is refused before training', async () => {
    const synthetic = opened();
    const regime = [{ ...gentle, replayPpm: 0 }, gentle].map((each, at) => ({ fromCycle: at + 1, regime: each }));
    await begin(synthetic, made('fed', { regime }));
    const run = await advanceRun(synthetic, 'fed');
    expect(run.cycles[1]?.refused?.violations).toEqual([
      { field: 'syntheticTextPpm', value: expect.stringMatching(/^33333\d$/), allowed: 'at most 250000' },
    ]);
    expect(run.cycles[1]).not.toHaveProperty('produced');
    // Half of the second one's batch is replay, which is text by people.
    expect(run.cycles[2]?.verdict?.verdict).toEqual(expect.any(String));
    expect((await rejudgeRun(synthetic, 'fed')).disagreements).toEqual([]);
    const corpora = { made: { path: own } };
    await expect(begin(synthetic, smallFile('washed', { corpora, general: 'made' }))).rejects.toThrow(
      `corpus made is registered as text by model ${model}, not as text by people`,
    );
  }, 120_000);

  it('and general quality is measured on text by people only', async () => {
    await expect(begin(ports, made('judge', { general: 'made', texts: [] }))).rejects.toThrow(
      /general: "made" was written by a model/,
    );
  });
});
