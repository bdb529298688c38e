import { rejudgeAll } from '#audit/rejudge-all.js';
import { LN } from '#corpus/domain/family.js';
import { decodeSequences } from '#corpus/domain/plsq.js';
import { Turn } from '#doors/turn.js';
import { Evaluator, VOCAB, type Evaluated, type EvaluatedWithLogits } from '#evaluation/evaluator.js';
import { sha256 } from '#ledger/digest.js';
import type { Log } from '#ledger/log.js';
import { LoopPorts } from '#loop/loop-ports.js';
import { ResetAnchor, ResetAnchorHandler } from '#loop/reset-anchor.js';
import { advanceRun } from '#loop/run-loop.js';
import { resetStatement } from '#run/domain/lineage.js';
import type { Started } from '#run/domain/run.js';
import { Keys, person } from './people.js';
import { begin, smallFile, smallPorts } from './small-run.js';

const ANCHOR_BITS = 2.5;
const WORSE_PER_UPDATE = 1.009;

/** Everything is real but what is measured: on every document, each update is 0.9% worse than what it was made from. */
class SlowDecline extends Evaluator {
  override readonly build = 'decline';

  constructor(
    override readonly name: string,
    private readonly log: Log,
  ) {
    super();
  }

  override async evaluate(checkpoint: Uint8Array, sequences: Uint8Array): Promise<Evaluated> {
    const bits = await this.bitsOf(sha256(checkpoint));
    const all = decodeSequences(sequences);
    const scored = Uint32Array.from(all, ({ mask }) => mask.reduce((sum, one) => sum + one, 0));
    return {
      // By its first byte, since losses that are all alike are no answer.
      nllNats: Float64Array.from(scored, (count, at) => count * bits * LN[2] * (1 + (all[at]?.tokens[0] ?? 0) / 2560)),
      scored,
      correct: new Uint32Array(all.length),
    };
  }

  override async evaluateWithLogits(checkpoint: Uint8Array, sequences: Uint8Array): Promise<EvaluatedWithLogits> {
    const positions = decodeSequences(sequences).reduce((sum, { tokens }) => sum + tokens.length, 0);
    return { ...(await this.evaluate(checkpoint, sequences)), logits: new Float32Array(positions * VOCAB) };
  }

  private async bitsOf(checkpoint: string): Promise<number> {
    for await (const { record } of this.log.readAll({ types: ['UpdateProduced'] })) {
      const { candidate, parent, cycle } = record.data as { candidate: string; parent: string; cycle: number };
      if (candidate === checkpoint && cycle > 0) return WORSE_PER_UPDATE * (await this.bitsOf(parent));
    }
    return ANCHOR_BITS;
  }
}

const small = smallPorts();
const { ledger, artifacts, trainer, weights, listener } = small;
const decline = (name: string): Evaluator => new SlowDecline(name, ledger.log);
const [primary, shadow, reference] = [decline('first'), decline('second'), decline('third')];
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
      largestLoss: 0.08,
    },
  ],
};
// Nobody controls these evaluators, which would not pass.
const evaluation = { blocks: 10, documents: 150, shadowEvery: 50, referenceItems: 0, controlBlocks: 0 };

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

  it('come out the same for an auditor', async () => {
    const { judged, agreed, disagreements, unjudged, approvals } = await rejudgeAll(ports);
    expect({ judged, agreed, disagreements, unjudged, unlawful: approvals.unlawful }).toEqual({
      judged: 8,
      agreed: 8,
      disagreements: [],
      unjudged: [],
      unlawful: [],
    });
  }, 60_000);
});
