import { MalformedCheckpoint, readValues, tensorPlaces } from './safetensors.js';

const VOCAB = 256;
const TAPS = 4;
const NORM_EPSILON = 1e-5;

type Layer = Readonly<{
  norm: Float64Array;
  /** Rows z (DI), x (DI), B (N), C (N), dt (H), each of D columns. */
  inProj: Float64Array;
  taps: Float64Array;
  convBias: Float64Array;
  stepBias: Float64Array;
  /** A = -exp(A_log), by head. */
  decayRate: Float64Array;
  skip: Float64Array;
  gateNorm: Float64Array;
  outProj: Float64Array;
}>;

/** What a layer remembers of the positions before: the last inputs of the convolution, and one P x N state for each head. */
type Memory = Readonly<{ window: Float64Array[]; state: Float64Array }>;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
const silu = (x: number): number => x * sigmoid(x);
const softplus = (x: number): number => (x > 0 ? x : 0) + Math.log1p(Math.exp(-Math.abs(x)));

const normalise = (x: Float64Array, weight: Float64Array): Float64Array => {
  let squares = 0;
  for (const value of x) squares += value * value;
  const inverse = 1 / Math.sqrt(squares / x.length + NORM_EPSILON);
  return x.map((value, at) => value * inverse * (weight[at] as number));
};

/** Rows of a row-major matrix times a vector. */
const times = (matrix: Float64Array, x: Float64Array): Float64Array => {
  const width = x.length;
  const out = new Float64Array(matrix.length / width);
  for (let row = 0, at = 0; row < out.length; row += 1) {
    let sum = 0;
    for (let column = 0; column < width; column += 1, at += 1) sum += (matrix[at] as number) * (x[column] as number);
    out[row] = sum;
  }
  return out;
};

/**
 * Mamba-2 as its defining recurrence [Dao & Gu 2024], one position after another in binary64: no chunks, no batches, no code
 * of the trainer or of the exported graph. With a = exp(dt A), for each head: h = a h + dt x B^T, y = h C + D x. Byte
 * vocabulary, tied head, one group, convolution of width 4. Slow on purpose; its figures are compared with a tolerance.
 */
export class ReferenceModel {
  private readonly embeddings: Float64Array;
  private readonly finalNorm: Float64Array;
  private readonly layers: readonly Layer[];
  private readonly width: number;
  private readonly inner: number;
  private readonly heads: number;
  private readonly dState: number;

  /** @throws MalformedCheckpoint when a tensor of the model is not in the file */
  constructor(checkpoint: Uint8Array) {
    const places = tensorPlaces(checkpoint);
    const tensor = (name: string): Float64Array => {
      const place = places.get(name);
      if (!place) throw new MalformedCheckpoint(`there is no tensor ${name}`);
      return readValues(checkpoint, place);
    };
    this.embeddings = tensor('backbone.embeddings.weight');
    this.finalNorm = tensor('backbone.norm_f.weight');
    const count = [...places.keys()].filter((name) => name.endsWith('.mixer.A_log')).length;
    this.layers = Array.from({ length: count }, (_, layer) => layerOf(tensor, `backbone.layers.${layer}.`));
    const [first] = this.layers;
    if (!first) throw new MalformedCheckpoint('the model has no layer');
    this.width = this.embeddings.length / VOCAB;
    this.inner = first.gateNorm.length;
    this.heads = first.stepBias.length;
    this.dState = (first.convBias.length - this.inner) / 2;
  }

  /** Logits after every token: tokens x 256. */
  logits(tokens: Uint8Array): Float64Array {
    const all = new Float64Array(tokens.length * VOCAB);
    const memories = this.layers.map(() => this.emptyMemory());
    tokens.forEach((token, at) => {
      let x = this.embeddings.slice(token * this.width, (token + 1) * this.width);
      this.layers.forEach((layer, index) => {
        const added = this.mix(layer, memories[index] as Memory, normalise(x, layer.norm));
        x = x.map((value, place) => value + (added[place] as number));
      });
      all.set(times(this.embeddings, normalise(x, this.finalNorm)), at * VOCAB);
    });
    return all;
  }

  private emptyMemory(): Memory {
    const channels = this.inner + 2 * this.dState;
    return {
      window: Array.from({ length: TAPS }, () => new Float64Array(channels)),
      state: new Float64Array(this.inner * this.dState),
    };
  }

  /** One position through one mixer. */
  private mix(layer: Layer, memory: Memory, input: Float64Array): Float64Array {
    const projected = times(layer.inProj, input);
    const channels = this.inner + 2 * this.dState;
    memory.window.shift();
    memory.window.push(projected.slice(this.inner, this.inner + channels));
    const activated = convolve(layer, memory.window);
    const steps = projected
      .subarray(this.inner + channels)
      .map((raw, h) => softplus(raw + (layer.stepBias[h] as number)));
    const y = this.recur(layer, memory.state, activated, steps);
    const gated = y.map((value, at) => value * silu(projected[at] as number));
    return times(layer.outProj, normalise(gated, layer.gateNorm));
  }

  private recur(layer: Layer, state: Float64Array, activated: Float64Array, steps: Float64Array): Float64Array {
    const { inner, dState } = this;
    const headDim = inner / this.heads;
    const y = new Float64Array(inner);
    for (let p = 0; p < inner; p += 1) {
      const head = Math.floor(p / headDim);
      const [x, step] = [activated[p] as number, steps[head] as number];
      const kept = Math.exp(step * (layer.decayRate[head] as number));
      let sum = 0;
      for (let n = 0; n < dState; n += 1) {
        const next = kept * (state[p * dState + n] as number) + step * x * (activated[inner + n] as number);
        state[p * dState + n] = next;
        sum += next * (activated[inner + dState + n] as number);
      }
      y[p] = sum + (layer.skip[head] as number) * x;
    }
    return y;
  }
}

const layerOf = (tensor: (name: string) => Float64Array, prefix: string): Layer => ({
  norm: tensor(`${prefix}norm.weight`),
  inProj: tensor(`${prefix}mixer.in_proj.weight`),
  taps: tensor(`${prefix}mixer.conv1d.weight`),
  convBias: tensor(`${prefix}mixer.conv1d.bias`),
  stepBias: tensor(`${prefix}mixer.dt_bias`),
  decayRate: tensor(`${prefix}mixer.A_log`).map((log) => -Math.exp(log)),
  skip: tensor(`${prefix}mixer.D`),
  gateNorm: tensor(`${prefix}mixer.norm.weight`),
  outProj: tensor(`${prefix}mixer.out_proj.weight`),
});

/** Causal depthwise convolution over the last four positions, the present one last, then silu. */
const convolve = ({ taps, convBias }: Layer, window: readonly Float64Array[]): Float64Array =>
  convBias.map((bias, channel) => {
    let sum = bias;
    window.forEach((inputs, tap) => (sum += (taps[channel * TAPS + tap] as number) * (inputs[channel] as number)));
    return silu(sum);
  });

/** Loss of the right byte in nats and whether it is the first of the largest, at one position of the logits. */
export const scoreAt = (
  logits: Float64Array,
  position: number,
  target: number,
): Readonly<{ nats: number; right: boolean }> => {
  const row = logits.subarray(position * VOCAB, (position + 1) * VOCAB);
  const top = row.reduce((best, value) => (value > best ? value : best), -Infinity);
  const total = row.reduce((sum, value) => sum + Math.exp(value - top), 0);
  return { nats: Math.log(total) + top - (row[target] as number), right: row.indexOf(top) === target };
};
