import { rejudgeRun } from '#audit/rejudge.js';
import { decodeSequences } from '#corpus/domain/plsq.js';
import { DEFAULT_TOLERANCE } from '#evaluation/domain/comparison.js';
import { VOCAB, type EvaluatedWithLogits, type Evaluator } from '#evaluation/evaluator.js';
import { sha256 } from '#ledger/digest.js';
import { advanceRun } from '#loop/run-loop.js';
import type { Started } from '#run/domain/run.js';
import { closeAll, failed, opened, told, typesOf, type Lie } from './lying.js';
import { begin, smallFile, smallPorts } from './small-run.js';

afterAll(closeAll);

/** Both evaluators are shown every item: two windows of each document, and two tasks of each block. */
const evaluation = { blocks: 40, documents: 60, shadowEvery: 1 };
const ITEMS = 200;
const LENGTH = 64;
/** Two of the 200 items: 1%, and what one gains the other loses. */
const [UP, DOWN] = [7, 90];

type Told = Readonly<{ run: Started; ports: ReturnType<typeof smallPorts> }>;
type Change = (found: EvaluatedWithLogits) => void;

const moved = (values: { [at: number]: number }, by: number, from = UP, to = DOWN): void => {
  values[from] = (values[from] ?? NaN) + by;
  values[to] = (values[to] ?? NaN) - by;
};

/** A run of one cycle whose second evaluator says something else of two items, with the same means. */
const shadowed = async (change: Change): Promise<Told> => {
  const ports = smallPorts();
  opened.push(ports);
  const { shadow } = ports;
  const evaluateWithLogits: Evaluator['evaluateWithLogits'] = async (...asked) => {
    const { nllNats, scored, correct, logits } = await shadow.evaluateWithLogits(...asked);
    expect(nllNats).toHaveLength(ITEMS);
    const found = { nllNats: nllNats.slice(), scored, correct: correct.slice(), logits: logits.slice() };
    change(found);
    const mean = (values: Float64Array | Uint32Array): number => [...values].reduce((sum, value) => sum + value, 0);
    expect(mean(found.nllNats)).toBeCloseTo(mean(nllNats), 6);
    expect(mean(found.correct)).toBe(mean(correct));
    return found;
  };
  const disagreeing = Object.assign(Object.create(shadow) as Evaluator, { evaluateWithLogits });
  const lying = Object.assign(Object.create(ports) as typeof ports, { shadow: disagreeing });
  await begin(lying, smallFile('small', { cycles: 1, evaluation }));
  return { ports, run: await advanceRun(lying, 'small') };
};

describe('a second evaluator that says something else of 1% of the items, while all means are equal', () => {
  it.each<[string, Change, string]>([
    ['a tenth of a nat per byte', ({ nllNats }) => moved(nllNats, 6.4), 'losses-differ'],
    ['one right answer', ({ correct }) => moved(correct, 1), 'right-answers-differ'],
    [
      'the logit of one byte',
      ({ logits }) => moved(logits, 0.01, UP * LENGTH * VOCAB, DOWN * LENGTH * VOCAB),
      'logits-differ',
    ],
  ])(
    '%s: the items are compared one by one, and the candidate is rejected',
    async (_what, change, reason) => {
      const { ports, run } = await shadowed(change);
      const [, cycle] = run.cycles;
      expect(cycle?.shadow).toMatchObject({
        evaluators: ['native', 'onnx'],
        items: ITEMS,
        agreed: false,
        reasons: [reason],
      });
      expect(cycle?.verdict).toMatchObject({
        verdict: 'REJECT',
        summary: 'Rejected: Evaluators in agreement: 2 of 3; needed: all, and at least 3.',
      });
      expect(failed(run)).toEqual(['evaluators-agree']);
      expect(run.champion).toBe(run.anchor?.checkpoint);
      expect(await typesOf({ ports })).toContain('CandidateRejected');
      expect((await rejudgeRun(ports, 'small')).disagreements).toEqual([]);
    },
    60_000,
  );

  it('as little as rounding does: they agree, and the same candidate is promoted', async () => {
    const { run } = await shadowed(({ nllNats }) => moved(nllNats, DEFAULT_TOLERANCE.nllNatsPerByte * LENGTH));
    expect(run.cycles[1]?.shadow).toMatchObject({ agreed: true, reasons: [] });
    expect(run.cycles[1]?.verdict?.verdict).toBe('ACCEPT');
  }, 60_000);
});

describe('a first evaluator that is wrong about 1% of the items, the same way whenever it is asked', () => {
  /** Two windows that the fixed shares of shadow and controls leave out. */
  const lies = (): Lie => {
    let [candidate, better, worse]: readonly (string | undefined)[] = [];
    const keyOf = ({ tokens }: { tokens: ArrayLike<number> }): string => Array.from(tokens).join();
    return async (honest, { checkpoint, sequences }) => {
      const found = await honest(checkpoint, sequences);
      const keys = decodeSequences(sequences).map(keyOf);
      candidate ??= sha256(checkpoint);
      better ??= keys[1];
      worse ??= keys[3];
      if (sha256(checkpoint) !== candidate) return found;
      const shift = (key: string): number => (key === better ? -6.4 : key === worse ? 6.4 : 0);
      return { ...found, nllNats: found.nllNats.map((nats, at) => nats + shift(keys[at] ?? '')) };
    };
  };

  it('outside of the share that others are shown: no other evaluator disagrees, but its own raw outputs do', async () => {
    const { ports, run } = await told(lies());
    const [, cycle] = run.cycles;
    expect([cycle?.shadow?.agreed, cycle?.reference?.agreed]).toEqual([true, true]);
    // Calibration is measured on the same documents, from the raw outputs.
    expect(cycle?.voided).toMatchObject({
      evaluator: 'native',
      cause: 'contradictory',
      reason: expect.stringMatching(
        /^document 0 \(.+\): its raw outputs come to \d+ of 128 right, .* nats; its probes to .* nats$/,
      ),
    });
    expect(cycle?.verdict?.verdict).toBe('REJECT');
    expect(cycle?.verdict?.summary).toMatch(/evaluator native failed \(contradictory\).*and missing evidence fails\.$/);
    expect(run.champion).toBe(run.anchor?.checkpoint);
    expect((await rejudgeRun(ports, 'small')).disagreements).toEqual([]);
  }, 60_000);
});
