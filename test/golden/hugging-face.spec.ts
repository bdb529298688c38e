import { readFileSync } from 'node:fs';
import { encodeSequences } from '#corpus/domain/plsq.js';
import { headerOf, tensorPlaces } from '#evaluation/domain/safetensors.js';
import { checkConfig, fromHuggingFace, huggingFaceConfig } from '#trainer/hugging-face.js';
import { loadNative } from '#trainer/native.js';

/** What transformers 5.18 saved and computed; `peer.py` beside it made it (`save . 1`, `logits . text logits.f32`). */
const golden = (name: string): Buffer => readFileSync(`test/golden/hugging-face/${name}`);
const saved = golden('model.safetensors');
const native = loadNative();

type Header = Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] } | object>;

/** The file with another header over the same values, and more values at its end. */
const withHeader = (change: (header: Header, end: number) => void, more: Uint8Array = Buffer.alloc(0)): Buffer => {
  const { start, entries } = headerOf(saved);
  const header = structuredClone(entries) as Header;
  change(header, saved.length - start);
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, saved.subarray(start), more]);
};

const withHead = (head: Uint8Array): Buffer =>
  withHeader((header, end) => {
    header['lm_head.weight'] = { dtype: 'F32', shape: [256, 32], data_offsets: [end, end + head.length] };
  }, head);

const embeddings = (): Buffer => {
  const place = tensorPlaces(saved).get('backbone.embeddings.weight');
  return saved.subarray(place?.from, place?.to);
};

describe('a checkpoint that transformers saved', () => {
  it('is no file of the contract as it is, and has the same weights in one that is', () => {
    expect(() => native.describe(saved)).toThrow(/__metadata__/);
    const { model, parameters } = native.describe(fromHuggingFace(saved));
    expect(model).toMatchObject({ dModel: 32, layers: 1, dState: 16, headDim: 32, expand: 2 });
    expect(parameters * 4).toBe(saved.length - headerOf(saved).start);
  });

  it('has the logits here that it has there', async () => {
    const tokens = golden('text');
    const mask = new Uint8Array(tokens.length).fill(1);
    const targets = Buffer.concat([tokens.subarray(1), Buffer.from(' ')]);
    const sequences = encodeSequences([{ tokens, targets, mask }]);
    const here = await native.logits(fromHuggingFace(saved), sequences);
    const there = golden('logits.f32');
    expect(here.length * 4).toBe(there.length);
    const differences = Array.from(here, (value, at) => Math.abs(value - there.readFloatLE(4 * at)));
    expect(Math.max(...differences)).toBeLessThan(1e-4);
    expect(Math.max(...here)).toBeGreaterThan(0.5);
  });

  it('is the same with its head written out, and a file of the contract stays as it is', () => {
    const ours = fromHuggingFace(saved);
    expect(Buffer.compare(fromHuggingFace(withHead(embeddings())), ours)).toBe(0);
    expect(Buffer.compare(fromHuggingFace(ours), ours)).toBe(0);
  });

  it('may have tensors of zeros, from which no relative distance is measured', () => {
    const ours = fromHuggingFace(saved);
    const [bias, norm] = ['backbone.layers.0.mixer.conv1d.bias', 'backbone.norm_f.weight'];
    const moved = Buffer.from(ours);
    for (const name of [bias, norm]) moved.writeFloatLE(0.5, tensorPlaces(ours).get(name)?.from ?? 0);
    const { relative, tensors } = native.distance(ours, moved);
    expect(relative).toBeGreaterThan(0);
    expect(tensors).not.toHaveProperty([bias]);
    expect(tensors[norm]).toBeGreaterThan(0);
  });

  it('is refused where it is another model than it seems', () => {
    const head = Buffer.from(embeddings());
    head.writeFloatLE(1, 0);
    expect(() => fromHuggingFace(withHead(head))).toThrow('lm_head.weight differs from backbone.embeddings.weight');
    const halved = withHeader((header) => {
      header['backbone.norm_f.weight'] = { ...header['backbone.norm_f.weight'], dtype: 'BF16' };
    });
    expect(() => fromHuggingFace(halved)).toThrow(/norm_f\.weight is of type BF16; only F32 .* `model\.float\(\)`/);
  });

  it('is left to the trainer to refuse where a tensor is missing or strange', () => {
    const strange = withHeader((header) => {
      header['strange'] = header['backbone.norm_f.weight'] as object;
      delete header['backbone.norm_f.weight'];
    });
    expect(fromHuggingFace(strange)).toBe(strange);
    const noise = Buffer.from('no file of tensors at all');
    expect(fromHuggingFace(noise)).toBe(noise);
  });
});

describe('a config.json', () => {
  it('is taken as transformers writes it, and as it is written here', () => {
    expect(() => checkConfig(golden('config.json').toString())).not.toThrow();
    const model = { vocab: 256, dModel: 32, layers: 1, dState: 16, headDim: 32, expand: 2, convWidth: 4, chunk: 64 };
    const ours = huggingFaceConfig(model as Parameters<typeof huggingFaceConfig>[0]);
    expect(() => checkConfig(JSON.stringify(ours))).not.toThrow();
    expect(JSON.parse(golden('config.json').toString())).toMatchObject(ours);
  });

  it.each([
    ['{"layer_norm_epsilon": 1e-6}', 'layer_norm_epsilon is 0.000001; only 0.00001 is trained here'],
    ['{"model_type": "mamba"}', 'model_type is "mamba"; only "mamba2" is trained here'],
    ['{"n_groups": 8}', 'n_groups is 8'],
    ['{"time_step_limit": [0.0, 0.5]}', 'time_step_limit is [0,0.5]; only [0, Infinity] is trained here'],
    ['[1', 'is no JSON object'],
  ])('%s is refused', (text, message) => {
    expect(() => checkConfig(text)).toThrow(message);
  });

  it('may say as older versions do that a step has no bound', () => {
    expect(() => checkConfig('{"time_step_limit": [0.0, Infinity]}')).not.toThrow();
  });
});
