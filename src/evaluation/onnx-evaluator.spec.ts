import type { ChildProcess } from 'node:child_process';
import { setImmediate as turn } from 'node:timers/promises';
import { encodeSequences } from '#corpus/domain/plsq.js';
import { sha256 } from '#ledger/digest.js';
import { loadNative } from '#trainer/native.js';
import { compareOnShare } from './compare-on-share.js';
import { EvaluatorFailed } from './evaluator.js';
import { NativeEvaluator } from './native-evaluator.js';
import { OnnxEvaluator } from './onnx-evaluator.js';

const MODEL = { dModel: 64, layers: 2, dState: 64, headDim: 64, expand: 2, convWidth: 4, chunk: 64, vocab: 256 };
const LENGTH = 128;
const COUNT = 70;

/** Bytes that look like nothing in particular and are the same every time. */
const noise = (key: string, length: number): Uint8Array => {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, at) => Buffer.from(sha256(`${key}/${at}`), 'hex'));
  return Uint8Array.from(Buffer.concat(blocks).subarray(0, length));
};

const sequences = encodeSequences(
  Array.from({ length: COUNT }, (_, at) => ({
    tokens: noise(`tokens ${at}`, LENGTH),
    targets: noise(`targets ${at}`, LENGTH),
    mask: noise(`mask ${at}`, LENGTH).map((byte) => byte & 1),
  })),
);

const native = loadNative();
const checkpoint = native.initialise(MODEL, '7');
const primary = new NativeEvaluator(native, { threads: 1 });

/** The checkpoint with one binary32 weight in the middle of its data set to a value. */
const withWeight = (value: number): Buffer => {
  const changed = Buffer.from(checkpoint);
  changed.writeFloatLE(value, changed.length - 4 * Math.floor(changed.length / 8));
  return changed;
};

describe('the shadow evaluator', () => {
  const shadow = new OnnxEvaluator((weights, length) => native.exportOnnx(weights, length));
  afterAll(() => shadow.close());

  it('agrees with the native evaluator on the same weights', async () => {
    const recorded = await primary.evaluate(checkpoint, sequences);
    const compared = await compareOnShare(primary, shadow, checkpoint, sequences, recorded, { every: 2 });
    expect(compared).toMatchObject({ agreed: true, reasons: [], items: COUNT / 2 });
    expect(compared.approx['maxAbsLogit']).toBeGreaterThan(0.01);
    expect(compared.approx['maxAbsLogitDiff']).toBeLessThan(2e-5);
    expect(shadow.build).toMatch(/^onnxruntime-node 1\./);
  });

  it('gives the same figures with and without logits, over several batches', async () => {
    const { logits, ...scores } = await shadow.evaluateWithLogits(checkpoint, sequences);
    expect(logits).toHaveLength(COUNT * LENGTH * 256);
    expect(await shadow.evaluate(checkpoint, sequences)).toEqual(scores);
    const recorded = await primary.evaluate(checkpoint, sequences);
    expect([...scores.scored]).toEqual([...recorded.scored]);
    scores.nllNats.forEach((nll, at) => expect(nll).toBeCloseTo(recorded.nllNats[at] ?? NaN, 3));
  });

  it('takes no answer from a worker that it gave up', async () => {
    await shadow.evaluate(checkpoint, sequences);
    const { child: before } = shadow as unknown as { child: ChildProcess };
    await shadow.close();
    const second = shadow.evaluate(checkpoint, sequences);
    while (shadow.workerPid === undefined) await turn();
    before.emit('message', { kind: 'failed', reason: 'said too late' });
    expect((await second).nllNats).toHaveLength(COUNT);
  });

  it('disagrees when a single weight differs on its side', async () => {
    const other = new OnnxEvaluator((_, length) => native.exportOnnx(withWeight(0.5), length));
    const recorded = await primary.evaluate(checkpoint, sequences);
    const compared = await compareOnShare(primary, other, checkpoint, sequences, recorded);
    await other.close();
    expect(compared.agreed).toBe(false);
    expect(compared.reasons).toContain('logits-differ');
  });

  it('disagrees when the recorded losses are not what the model gives', async () => {
    const recorded = await primary.evaluate(checkpoint, sequences);
    recorded.nllNats[0] = (recorded.nllNats[0] ?? 0) + 0.1;
    const compared = await compareOnShare(primary, shadow, checkpoint, sequences, recorded);
    expect(compared.reasons).toEqual(['losses-differ']);
  });

  it('never agrees on weights that are not finite, whichever side has them', async () => {
    const broken = withWeight(NaN);
    const lost = await primary.evaluate(broken, sequences);
    expect(lost.nllNats.every(Number.isNaN)).toBe(true);
    expect([...lost.scored]).toEqual([...(await primary.evaluate(checkpoint, sequences)).scored]);
    const both = await compareOnShare(primary, shadow, broken, sequences, lost);
    expect(both).toMatchObject({ agreed: false, reasons: expect.arrayContaining(['logit-not-finite']) });
    const other = new OnnxEvaluator((_, length) => native.exportOnnx(broken, length));
    const recorded = await primary.evaluate(checkpoint, sequences);
    const one = await compareOnShare(primary, other, checkpoint, sequences, recorded);
    await other.close();
    expect(one).toMatchObject({ agreed: false, reasons: expect.arrayContaining(['logit-not-finite']) });
  });

  it('is not asked about bytes that are no checkpoint', async () => {
    await expect(primary.evaluate(Uint8Array.of(1, 2, 3), sequences)).rejects.toThrow(/^evaluator native: /);
  });

  it('says so when its process is killed, and starts a new one for the next evaluation', async () => {
    const first = await shadow.evaluate(checkpoint, sequences);
    const pid = shadow.workerPid ?? 0;
    const dying = shadow.evaluate(checkpoint, sequences);
    process.kill(pid, 'SIGKILL');
    await expect(dying).rejects.toThrow(new EvaluatorFailed('onnx', 'the worker ended (SIGKILL)'));
    expect(await shadow.evaluate(checkpoint, sequences)).toEqual(first);
    expect(shadow.workerPid).not.toBe(pid);
  });

  it('refuses what is no model, and goes on', async () => {
    const confused = new OnnxEvaluator((weights) => weights);
    await expect(confused.evaluate(checkpoint, sequences)).rejects.toThrow(EvaluatorFailed);
    const pid = confused.workerPid;
    await expect(confused.evaluate(checkpoint, sequences)).rejects.toThrow(/^evaluator onnx: /);
    expect(confused.workerPid).toBe(pid);
    await confused.close();
    expect(confused.workerPid).toBeUndefined();
  });

  it('gives up on an answer that takes too long', async () => {
    const hasty = new OnnxEvaluator((weights, length) => native.exportOnnx(weights, length), { timeoutMs: 1 });
    await expect(hasty.evaluate(checkpoint, sequences)).rejects.toThrow('no answer within 1 ms');
    expect(hasty.workerPid).toBeUndefined();
  });

  it('scores one model after another when asked for several at once', async () => {
    const other = native.initialise(MODEL, '8');
    const [a, b, again] = await Promise.all(
      [checkpoint, other, checkpoint].map((one) => shadow.evaluate(one, sequences)),
    );
    expect(again).toEqual(a);
    expect(b).not.toEqual(a);
  });
});
