import type { Native, NativeOptions } from './native.js';
import { Weights, type Description, type Distance } from './weights.js';

/** Figures of checkpoints by the native trainer's own code. */
export class NativeWeights extends Weights {
  constructor(
    private readonly native: Native,
    private readonly options: NativeOptions,
  ) {
    super();
  }

  describe(checkpoint: Uint8Array): Description {
    return this.native.describe(checkpoint);
  }

  distance(a: Uint8Array, b: Uint8Array): Distance {
    return this.native.distance(a, b);
  }

  interpolate(a: Uint8Array, b: Uint8Array, factor: number): Uint8Array {
    return this.native.interpolate(a, b, factor);
  }

  divergence(p: Uint8Array, q: Uint8Array, sequences: Uint8Array): Promise<Float64Array> {
    return this.native.divergence(p, q, sequences, this.options);
  }

  exportOnnx(checkpoint: Uint8Array, length: number): Uint8Array {
    return this.native.exportOnnx(checkpoint, length);
  }
}
