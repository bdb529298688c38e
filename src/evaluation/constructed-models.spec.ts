import { encodeSequences } from '#corpus/domain/plsq.js';
import { loadNative } from '#trainer/native.js';
import { echoModel, uniformModel } from './domain/constructed-models.js';
import type { Evaluator } from './evaluator.js';
import { NativeEvaluator } from './native-evaluator.js';
import { OnnxEvaluator } from './onnx-evaluator.js';
import { ReferenceEvaluator } from './reference-evaluator.js';

const native = loadNative();
const onnx = new OnnxEvaluator((weights, length) => native.exportOnnx(weights, length));
afterAll(() => onnx.close());

const shape = (dModel: number, layers: number) =>
  native.initialise({ dModel, layers, dState: 16, headDim: 32, expand: 2, convWidth: 4, chunk: 64, vocab: 256 }, '7');

/** Every byte once, right after itself. */
const every = encodeSequences(
  Array.from({ length: 4 }, (_, at) => {
    const tokens = Uint8Array.from({ length: 64 }, (__, byte) => 64 * at + byte);
    return { tokens, targets: tokens, mask: new Uint8Array(64).fill(1) };
  }),
);

describe.each<[string, Evaluator]>([
  ['native', new NativeEvaluator(native, { threads: 1 })],
  ['onnx', onnx],
  ['reference', new ReferenceEvaluator()],
])('constructed models, as the %s evaluator sees them', (_name, evaluator) => {
  it.each([
    [32, 1],
    [160, 2],
  ])('the echo model says the byte before, all 256 of them (width %i, %i layers)', async (width, layers) => {
    const { nllNats, correct } = await evaluator.evaluate(echoModel(shape(width, layers)), every);
    expect([...correct]).toEqual([64, 64, 64, 64]);
    for (const nats of nllNats) expect(nats).toBeLessThan(64 * 0.001);
  });

  it('the model of zeros knows nothing: 8 bits per byte', async () => {
    const { nllNats } = await evaluator.evaluate(uniformModel(shape(64, 2)), every);
    for (const nats of nllNats) expect(nats / 64 / Math.log(2)).toBeCloseTo(8, 6);
  });
});

it('a constructed model has the shape of the one it is made from', () => {
  const checkpoint = shape(64, 2);
  const { architecture } = native.describe(checkpoint);
  for (const model of [echoModel(checkpoint), uniformModel(checkpoint)])
    expect(native.describe(model)).toMatchObject({ architecture, finite: true });
});
