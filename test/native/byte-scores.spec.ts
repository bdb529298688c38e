import { decodeSequences, encodeSequences } from '#corpus/domain/plsq.js';
import { scoreBytes, type ByteScores } from '#evaluation/domain/byte-scores.js';
import { tensorPlaces, type Place } from '#evaluation/domain/safetensors.js';
import { sha256 } from '#ledger/digest.js';
import { loadNative } from '#trainer/native.js';

const MODEL = { dModel: 64, layers: 2, dState: 64, headDim: 64, expand: 2, convWidth: 4, chunk: 64, vocab: 256 };
const LENGTH = 128;

const noise = (key: string): Uint8Array =>
  Uint8Array.from(
    Buffer.concat(Array.from({ length: LENGTH / 32 }, (_, at) => Buffer.from(sha256(`${key}/${at}`), 'hex'))),
  );
const sequences = encodeSequences(
  Array.from({ length: 20 }, (_, at) => ({
    tokens: noise(`tokens ${at}`),
    targets: noise(`targets ${at}`),
    // The last of them has nothing that is scored.
    mask: noise(`mask ${at}`).map((byte) => (at === 19 ? 0 : byte & 1)),
  })),
);

const bits = (scores: ByteScores): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(scores).map(([name, { buffer, byteOffset, byteLength }]) => [
      name,
      Buffer.from(buffer, byteOffset, byteLength).toString('hex'),
    ]),
  );

const native = loadNative();
const fresh = native.initialise(MODEL, '7');
/** The last norm times 2000: its outputs reach so far that most bytes weigh nothing beside the likeliest. */
const extreme = Buffer.from(fresh);
const { from, to } = tensorPlaces(fresh).get('backbone.norm_f.weight') as Place;
for (let at = from; at < to; at += 4) extreme.writeFloatLE(2000 * fresh.readFloatLE(at), at);

describe.each([
  ['a fresh model', fresh],
  ['a model of extreme outputs', extreme],
])('scores of bytes of %s', (_name, checkpoint) => {
  const machines = native
    .machine()
    .isa.filter(({ available }) => available)
    .flatMap(({ name }) => [1, 2].map((threads) => ({ isa: name, threads })));

  it.each(machines)('are those that its outputs give, bit for bit: %j', async (options) => {
    const logits = await native.logits(checkpoint, sequences, options);
    for (const threshold of [0.001, 0.1, Infinity]) {
      const wanted = scoreBytes(decodeSequences(sequences), logits, MODEL.vocab, threshold);
      expect(wanted.right.length).toBeGreaterThan(1000);
      expect(bits(await native.byteScores(checkpoint, sequences, threshold, options))).toEqual(bits(wanted));
    }
  });
});

it('reach as far as the exponential does', async () => {
  const logits = await native.logits(extreme, sequences);
  const lowest = logits.reduce((least, logit) => Math.min(least, logit), 0);
  expect(lowest).toBeLessThan(-700);
});

it('of outputs that are no numbers are none', async () => {
  const broken = Buffer.from(fresh);
  broken.writeFloatLE(NaN, broken.length - 4 * Math.floor(broken.length / 8));
  const { confidence, right, nllNats } = await native.byteScores(broken, sequences, 0.1);
  expect(nllNats.length).toBeGreaterThan(1000);
  expect(confidence.every(Number.isNaN)).toBe(true);
  expect(nllNats.every(Number.isNaN)).toBe(true);
  expect(right.every((one) => one === 0)).toBe(true);
});

it('of nothing are none, and bytes that are no sequences are refused', async () => {
  const unscored = decodeSequences(sequences).slice(-1);
  expect((await native.byteScores(fresh, encodeSequences(unscored), 0.1)).right).toHaveLength(0);
  await expect(native.byteScores(fresh, Uint8Array.of(1, 2, 3), 0.1)).rejects.toMatchObject({
    code: 'TRAINER_INVALID',
  });
});
