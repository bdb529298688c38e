import { encodeSequences } from '#corpus/domain/plsq.js';
import { sha256 } from '#ledger/digest.js';
import { loadNative } from '#trainer/native.js';
import { compareOnShare } from './compare-on-share.js';
import { tensorPlaces, writeValues } from './domain/safetensors.js';
import { EvaluatorFailed } from './evaluator.js';
import { NativeEvaluator } from './native-evaluator.js';
import { ReferenceEvaluator } from './reference-evaluator.js';

const SMALL = { dModel: 32, layers: 1, dState: 16, headDim: 32, expand: 2, convWidth: 4, chunk: 64, vocab: 256 };
const DEEPER = { ...SMALL, dModel: 64, layers: 3, dState: 32, headDim: 16 };

const noise = (key: string, length: number): Uint8Array => {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, at) => Buffer.from(sha256(`${key}/${at}`), 'hex'));
  return Uint8Array.from(Buffer.concat(blocks).subarray(0, length));
};

const items = (length: number, count = 4): Uint8Array =>
  encodeSequences(
    Array.from({ length: count }, (_, at) => ({
      tokens: noise(`tokens ${at}`, length),
      targets: noise(`targets ${at}`, length),
      mask: noise(`mask ${at}`, length).map((byte) => byte & 1),
    })),
  );

const native = loadNative();
const primary = new NativeEvaluator(native, { threads: 1 });
const reference = new ReferenceEvaluator();

/** A model of this shape whose every value is large enough to matter. */
const moved = (model: typeof SMALL): Uint8Array => {
  const checkpoint = Uint8Array.from(native.initialise(model, '3'));
  for (const [name, place] of tensorPlaces(checkpoint)) {
    const bytes = noise(name, (place.to - place.from) / 4);
    const scale = name.endsWith('in_proj.weight') ? 400 : 150;
    writeValues(checkpoint, place, (at) => ((bytes[at] as number) - 127) / scale);
  }
  return checkpoint;
};

const compared = async (checkpoint: Uint8Array, sequences: Uint8Array, own = checkpoint) => {
  const recorded = await primary.evaluate(checkpoint, sequences);
  const other = Object.assign(Object.create(reference) as ReferenceEvaluator, {
    evaluateWithLogits: (_: Uint8Array, shown: Uint8Array) => reference.evaluateWithLogits(own, shown),
  });
  return compareOnShare(primary, other, checkpoint, sequences, recorded, { every: 1 });
};

describe('the reference evaluator', () => {
  it.each([
    ['one layer, one chunk', SMALL, 64],
    ['one layer, three chunks', SMALL, 192],
    ['several layers and heads, two chunks', DEEPER, 128],
  ])('agrees with the chunked native evaluator: %s', async (_what, model, length) => {
    const found = await compared(native.initialise(model, '7'), items(length));
    expect(found).toMatchObject({ agreed: true, reasons: [], items: 4 });
    expect(found.approx['maxAbsLogit']).toBeGreaterThan(0.01);
    expect(found.approx['maxAbsLogitDiff']).toBeLessThan(2e-5);
    expect(found.approx['nllDiffNatsPerByte']).toBeGreaterThan(0);
  });

  it('agrees where every tensor was moved far from how it begins, as training moves it', async () => {
    const found = await compared(moved(DEEPER), items(128));
    expect(found).toMatchObject({ agreed: true, reasons: [] });
    expect(found.approx['maxAbsLogit']).toBeGreaterThan(5);
  });

  it.each(['A_log', 'D', 'dt_bias', 'conv1d.weight', 'conv1d.bias', 'in_proj.weight', 'norm.weight'])(
    'disagrees when one value of %s differs on its side',
    async (tensor) => {
      const checkpoint = moved(SMALL);
      const place = tensorPlaces(checkpoint).get(`backbone.layers.0.mixer.${tensor}`);
      const other = Uint8Array.from(checkpoint);
      if (place) writeValues(other, { ...place, to: place.from + 4 }, () => 2.5);
      const found = await compared(checkpoint, items(64), other);
      expect(found.reasons).toContain('logits-differ');
    },
  );

  it('scores exactly the masked positions, and gives the same figures with and without logits', async () => {
    const checkpoint = native.initialise(SMALL, '7');
    const { logits, ...scores } = await reference.evaluateWithLogits(checkpoint, items(64));
    expect(logits).toHaveLength(4 * 64 * 256);
    expect(await reference.evaluate(checkpoint, items(64))).toEqual(scores);
    expect([...scores.scored]).toEqual([...(await primary.evaluate(checkpoint, items(64))).scored]);
  });

  it('fails with the reason when the bytes are no checkpoint, and when it takes too long', async () => {
    await expect(reference.evaluate(Uint8Array.of(1, 2, 3), items(64))).rejects.toThrow(
      /^evaluator reference: no safetensors file/,
    );
    const hasty = new ReferenceEvaluator(1);
    const failure = await hasty.evaluate(native.initialise(DEEPER, '7'), items(192)).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(EvaluatorFailed);
    expect(failure).toMatchObject({ kind: 'timed-out', message: 'evaluator reference: no answer within 1 ms' });
  });
});
