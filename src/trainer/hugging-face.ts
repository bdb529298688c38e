import { headerOf, MalformedCheckpoint, tensorPlaces, type Place } from '#evaluation/domain/safetensors.js';
import type { Model } from '#run/domain/config.js';
import { emptyLike } from './checkpoint-file.js';

/** Weights that another program saved and that no byte model of the contract has. */
export class ForeignCheckpoint extends Error {
  override readonly name = 'ForeignCheckpoint';
}

/** What contract nc-1 fixes, as `Mamba2Config` names it. */
const FIXED = {
  model_type: 'mamba2',
  vocab_size: 256,
  expand: 2,
  conv_kernel: 4,
  n_groups: 1,
  hidden_act: 'silu',
  use_bias: false,
  use_conv_bias: true,
  rms_norm: true,
  layer_norm_epsilon: 1e-5,
  tie_word_embeddings: true,
} as const;

/** config.json of `Mamba2ForCausalLM` as transformers reads it. Tokens are bytes, so there is no tokenizer. */
export const huggingFaceConfig = (model: Model): Readonly<Record<string, unknown>> => ({
  ...FIXED,
  architectures: ['Mamba2ForCausalLM'],
  dtype: 'float32',
  hidden_size: model.dModel,
  num_hidden_layers: model.layers,
  state_size: model.dState,
  head_dim: model.headDim,
  num_heads: (model.dModel * model.expand) / model.headDim,
  chunk_size: model.chunk,
  residual_in_fp32: true,
  bos_token_id: 0,
  eos_token_id: 0,
  pad_token_id: 0,
  use_cache: true,
});

const EMBEDDINGS = 'backbone.embeddings.weight';
const HEAD = 'lm_head.weight';
const MIXER = ['in_proj.weight', 'conv1d.weight', 'conv1d.bias', 'dt_bias', 'A_log', 'D', 'norm.weight'];

/** Names of a model's tensors in the order in which the contract writes them. */
const namesOf = (layers: number): readonly string[] => [
  EMBEDDINGS,
  ...Array.from({ length: layers }, (_, at) => `backbone.layers.${at}.`).flatMap((layer) => [
    `${layer}norm.weight`,
    ...[...MIXER, 'out_proj.weight'].map((name) => `${layer}mixer.${name}`),
  ]),
  'backbone.norm_f.weight',
];

/** JSON as Python writes it, which knows a number that is none in JSON. */
const parseConfig = (text: string): Readonly<Record<string, unknown>> => {
  try {
    const config: unknown = JSON.parse(text.replace(/\bInfinity\b/g, '1e999'));
    if (typeof config === 'object' && config !== null) return config as Record<string, unknown>;
  } catch {
    // Said below: what it is instead helps nobody.
  }
  throw new ForeignCheckpoint('config.json is no JSON object');
};

/** Whether steps are bounded beyond what the contract knows: its steps are whatever softplus makes them. */
const boundsSteps = (limit: unknown): boolean => {
  if (limit === undefined || limit === null) return false;
  const [low, high] = Array.isArray(limit) ? (limit as readonly unknown[]) : [];
  return low !== 0 || (typeof high === 'number' && Number.isFinite(high));
};

/**
 * Refuses a `Mamba2Config` that says something the weights do not show and that the contract has otherwise.
 * @throws ForeignCheckpoint
 */
export const checkConfig = (text: string): void => {
  const config = parseConfig(text);
  for (const [field, wanted] of Object.entries(FIXED)) {
    const found = config[field];
    if (found !== undefined && found !== wanted)
      throw new ForeignCheckpoint(
        `config.json: ${field} is ${JSON.stringify(found)}; only ${JSON.stringify(wanted)} is trained here`,
      );
  }
  if (boundsSteps(config['time_step_limit']))
    throw new ForeignCheckpoint(
      `config.json: time_step_limit is ${JSON.stringify(config['time_step_limit'])}; only [0, Infinity] is trained here`,
    );
};

const bytesAt = (checkpoint: Uint8Array, { from, to }: Place): Uint8Array => checkpoint.subarray(from, to);

const requireTied = (checkpoint: Uint8Array, places: ReadonlyMap<string, Place>): void => {
  const [head, embeddings] = [places.get(HEAD), places.get(EMBEDDINGS)];
  if (!head || !embeddings) return;
  if (Buffer.compare(bytesAt(checkpoint, head), bytesAt(checkpoint, embeddings)) !== 0)
    throw new ForeignCheckpoint(`${HEAD} differs from ${EMBEDDINGS}; only a tied head is trained here`);
};

/**
 * The weights of a file that transformers saved (any order of tensors, metadata, the tied head written out) in the one
 * encoding that the contract has; a file of the contract comes back as it is. What is no Mamba-2 model comes back unchanged
 * too, for the trainer to name what it lacks.
 * @throws ForeignCheckpoint where the weights are of another type, or the head is not tied
 */
export const fromHuggingFace = (checkpoint: Uint8Array): Uint8Array => {
  try {
    const named = Object.entries(headerOf(checkpoint).entries).filter(([name]) => name !== '__metadata__');
    const other = named.find(([, { dtype }]) => dtype !== 'F32');
    if (other)
      throw new ForeignCheckpoint(
        `tensor ${other[0]} is of type ${other[1].dtype}; only F32 is trained here: save \`model.float()\``,
      );
    const places = tensorPlaces(checkpoint);
    requireTied(checkpoint, places);
    const layers = named.filter(([name]) => /^backbone\.layers\.\d+\.norm\.weight$/.test(name)).length;
    const tensors = namesOf(layers).flatMap((name) => {
      const place = places.get(name);
      return place ? [{ name, ...place }] : [];
    });
    const known = tensors.length + (places.has(HEAD) ? 1 : 0);
    if (known !== named.length || tensors.length !== namesOf(layers).length) return checkpoint;
    const { bytes, start } = emptyLike(tensors);
    let at = start;
    for (const tensor of tensors) {
      bytes.set(bytesAt(checkpoint, tensor), at);
      at += tensor.to - tensor.from;
    }
    return bytes;
  } catch (error) {
    if (error instanceof MalformedCheckpoint) return checkpoint;
    throw error;
  }
};
