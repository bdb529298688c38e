import { rejudgeAll } from '#audit/rejudge-all.js';
import { Turn } from '#doors/turn.js';
import type { ByteScores } from '#evaluation/domain/byte-scores.js';
import { Evaluator, type Evaluated, type EvaluatedWithLogits } from '#evaluation/evaluator.js';
import { sha256 } from '#ledger/digest.js';
import type { Artifacts } from '#ledger/artifacts.js';
import type { Ledger } from '#ledger/ledger.js';
import { LoopPorts } from '#loop/loop-ports.js';
import { ResetAnchor, ResetAnchorHandler } from '#loop/reset-anchor.js';
import { advanceRun } from '#loop/run-loop.js';
import { resetStatement } from '#run/domain/lineage.js';
import type { Started } from '#run/domain/run.js';
import { Keys, person } from './people.js';
import { begin, smallFile, smallPorts } from './small-run.js';

const WORSE_PER_UPDATE = 1.009;

type Descent = Readonly<{ root: string; updates: number }>;

/** Everything is real but what is measured of an update: the root anchor's losses, 0.9% worse for each update since. */
class SlowDecline extends Evaluator {
  override readonly build = 'decline';

  constructor(
    override readonly name: string,
    private readonly inner: Evaluator,
    private readonly ledger: Ledger,
    private readonly artifacts: Artifacts,
  ) {
    super();
  }

  override async evaluate(checkpoint: Uint8Array, sequences: Uint8Array): Promise<Evaluated> {
    return this.worsened(checkpoint, (measured) => this.inner.evaluate(measured, sequences));
  }

  override async evaluateWithLogits(checkpoint: Uint8Array, sequences: Uint8Array): Promise<EvaluatedWithLogits> {
    return this.worsened(checkpoint, (measured) => this.inner.evaluateWithLogits(measured, sequences));
  }

  override async byteScores(checkpoint: Uint8Array, sequences: Uint8Array, threshold?: number): Promise<ByteScores> {
    return this.worsened(checkpoint, (measured) => this.inner.byteScores(measured, sequences, threshold));
  }

  private async worsened<T extends Readonly<{ nllNats: Float64Array }>>(
    checkpoint: Uint8Array,
    measure: (checkpoint: Uint8Array) => Promise<T>,
  ): Promise<T> {
    const { root, updates } = await this.descent(sha256(checkpoint));
    if (updates === 0) return measure(checkpoint);
    const found = await measure(await this.artifacts.get(root));
    return { ...found, nllNats: found.nllNats.map((nats) => nats * WORSE_PER_UPDATE ** updates) };
  }

  private async descent(checkpoint: string): Promise<Descent> {
    for await (const { record } of this.ledger.log.readAll({ types: ['UpdateProduced'] })) {
      const { candidate, parent, cycle } = record.data as { candidate: string; parent: string; cycle: number };
      if (candidate !== checkpoint || cycle === 0) continue;
      const { root, updates } = await this.descent(parent);
      return { root, updates: updates + 1 };
    }
    return { root: checkpoint, updates: 0 };
  }
}

const small = smallPorts();
const { ledger, artifacts, trainer, weights, listener } = small;
const decline = (name: string): Evaluator => new SlowDecline(name, small.primary, ledger, artifacts);
const [primary, shadow, reference] = [decline('native'), decline('onnx'), decline('reference')];
const ports = new LoopPorts(ledger, artifacts, trainer, weights, primary, shadow, listener, reference);
const ada = person('ada');
const SHARE = 0.5 / 8;

const constitution = {
  name: 'quality',
  alphaPlan: { alpha: 0.5, kMax: 8 },
  rules: [
    { rule: 'weights-finite', kind: 'HARD', check: 'weights-finite' },
    { rule: 'architecture-unchanged', kind: 'HARD', check: 'architecture-unchanged' },
    { rule: 'evaluators-agree', kind: 'EVIDENCE', requirement: 'agreeing-evaluators', atLeast: 2 },
    {
      rule: 'general-quality-kept',
      kind: 'NON-INFERIORITY',
      metric: 'general-bits-per-byte',
      measure: 'bits-per-byte',
      reference: 'anchor',
      margin: { relative: 0.01 },
      largestLoss: 0.12,
    },
  ],
};
const evaluation = { blocks: 10, documents: 150, shadowEvery: 50 };

const finished = async (run: string, parent?: string): Promise<Started> => {
  await begin(ports, smallFile(run, { cycles: 1, constitution, evaluation, ...(parent && { parent }) }));
  return advanceRun(ports, run);
};
const qualityOf = (run: Started) => {
  const verdict = run.cycles[1]?.verdict;
  const found = verdict?.reasons.find(({ rule }) => rule === 'general-quality-kept')?.paired;
  return { verdict: verdict?.verdict, worsePercent: (-100 * (found?.estimate ?? 0)) / (found?.referenceMean ?? 1) };
};

const chain: Started[] = [];
beforeAll(async () => {
  for (let number = 1; number <= 6; number += 1)
    chain.push(await finished(`r${number}`, number === 1 ? undefined : `r${number - 1}`));
}, 300_000);
afterAll(() => small.shadow.close());

describe('six runs in a chain, each update 0.9% worse than the champion it begins from', () => {
  it('end at 1% of the root anchor: the first passes, and no later one, though each is within 1% of its own', () => {
    const judged = chain.map(qualityOf);
    expect(judged.map(({ verdict }) => verdict)).toEqual(['ACCEPT', ...Array.from({ length: 5 }, () => 'REJECT')]);
    expect(judged[0]?.worsePercent).toBeCloseTo(0.9, 6);
    for (const { worsePercent } of judged.slice(1)) expect(worsePercent).toBeCloseTo(1.8081, 6);
    const [root, ...later] = chain;
    for (const run of later) {
      expect(run.anchor?.checkpoint).toBe(root?.champion);
      expect(run.champion).toBe(root?.champion);
      expect(run.lineage.anchor).toBe(root?.anchor?.checkpoint);
    }
  });

  it('count candidates and alpha on from run to run', () => {
    expect(chain.map(({ lineage }) => [lineage.root, lineage.judgedBefore, lineage.alphaSpentBefore])).toEqual(
      chain.map((_, before) => ['r1', before, before * SHARE]),
    );
    expect(chain.map(({ cycles }) => cycles[1]?.verdict?.alphaLeft)).toEqual(
      chain.map((_, at) => 0.5 - (at + 1) * SHARE),
    );
  });

  it('go on only where people move the anchor, and then for one more step', async () => {
    const keys = new Keys(ledger);
    await keys.register(ada);
    const [last] = chain.slice(-1);
    const reason = 'what was lost is accepted';
    const statement = resetStatement({ run: 'r6', anchor: last?.champion ?? '', root: 'r1', reason });
    const reset = new ResetAnchor('r6', reason, [ada.signs(statement)], { requester: 'owner' });
    expect(await new ResetAnchorHandler(ports, new Turn()).execute(reset)).toMatchObject({
      judged: 6,
      alphaSpent: 6 * SHARE,
    });
    expect(qualityOf(await finished('r7', 'r6'))).toEqual({ verdict: 'ACCEPT', worsePercent: expect.closeTo(0.9, 6) });
    expect(qualityOf(await finished('r8', 'r7'))).toMatchObject({ verdict: 'REJECT' });
  }, 60_000);

  it('come out the same for an auditor: only a replay could find that the losses are made up', async () => {
    const { judged, disagreements, unjudged, approvals } = await rejudgeAll(ports);
    expect({ judged, unjudged, unlawful: approvals.unlawful }).toEqual({ judged: 8, unjudged: [], unlawful: [] });
    expect(disagreements).toEqual([]);
  }, 60_000);
});
