export type Distance = Readonly<{ relative: number; tensors: Readonly<Record<string, number>> }>;
/** A model's sizes, field by field as a run's `model` has them, and the layers that are attention. */
export type Shape = Readonly<Record<string, number | readonly number[]>>;
export type Description = Readonly<{
  architecture: string;
  parameters: number;
  finite: boolean;
  model: Shape;
}>;

/** What judging asks of checkpoints. */
export type JudgedWeights = Readonly<{
  describe(checkpoint: Uint8Array): Pick<Description, 'architecture' | 'finite'>;
  interpolate(a: Uint8Array, b: Uint8Array, factor: number): Uint8Array;
}>;

/** Figures of checkpoints (safetensors bytes); all exact, the same on every machine. */
export abstract class Weights {
  /** `architecture` is the SHA-256 of the tensors' names and shapes. @throws when the bytes are no nc-1 checkpoint */
  abstract describe(checkpoint: Uint8Array): Description;
  /** ||b - a|| / ||a||, whole and per tensor. */
  abstract distance(a: Uint8Array, b: Uint8Array): Distance;
  /** a + factor (b - a); the factor must be exactly a binary32 number. */
  abstract interpolate(a: Uint8Array, b: Uint8Array, factor: number): Uint8Array;
  /** KL(p || q) summed over the positions of every sequence (PLSQ), nats. */
  abstract divergence(p: Uint8Array, q: Uint8Array, sequences: Uint8Array): Promise<Float64Array>;
  /** The same model as ONNX for sequences of exactly `length` bytes. */
  abstract exportOnnx(checkpoint: Uint8Array, length: number): Uint8Array;
}
