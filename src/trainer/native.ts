import type { Description, Distance, Shape } from './weights.js';
import { loadAddon } from './native-addon.js';
import type { Progress } from './trainer.js';

/** Never changes a bit of any result. */
export type NativeOptions = Readonly<{
  /** Worker threads; 0 or absent: all cores. */
  threads?: number;
  /** "reference", "avx2", "avx512" or "neon"; absent: the best of this machine. */
  isa?: string;
  /** "cpu" or "cuda"; absent: "cpu". */
  backend?: string;
}>;

export type NativeOutput = Readonly<{
  /** safetensors, nc-1 layout. */
  checkpoint: Buffer;
  /** safetensors, first and second moments. */
  optimiser: Buffer;
  /** JSON lines, one per step. */
  transcript: Buffer;
  /** JSON; the schema is in domain/receipt.ts. */
  receipt: Buffer;
}>;

export type NativeJob<Output = NativeOutput> = Readonly<{
  promise: Promise<Output>;
  /** Stops at the next step boundary; the promise then rejects with TRAINER_CANCELLED. */
  cancel(): void;
}>;

/** What somebody says that a plan gave. */
export type Claim = Readonly<{
  /** JSON text. */
  receipt: string;
  /** Null: none was kept. */
  transcript: Uint8Array | null;
  /** The checkpoint handed in; null: only the receipt speaks of it. */
  candidate: Uint8Array | null;
  /** `trainer states` of the same training; null: the transcript's own are all. */
  states: Uint8Array | null;
}>;

/** Where a claim first differs from what the plan gives; steps count from 0. docs/trainer.md defines every field. */
export type ReplayDivergence = Readonly<{
  what: 'initial' | 'batch' | 'loss' | 'gradNorm' | 'tensor' | 'candidate' | 'receipt';
  /** It arose in a step from `from` to `step`; exact when both are one. */
  from: number;
  step: number;
  exact: boolean;
  /** The first tensor that differs, how many do, and of how many. */
  tensor: string | null;
  tensors: number;
  ofTensors: number;
  recorded: string;
  found: string;
}>;

export type ReplayVerdict = Readonly<{
  equal: boolean;
  /** All of it for people. */
  sentence: string;
  steps: number;
  /** Steps trained to find out. */
  replayed: number;
  /** How far apart the claimed states lie; null: no transcript was given. */
  stateEverySteps: number | null;
  /** Fields of the receipt that differ, where the training was replayed to its end. */
  fields: readonly string[];
  divergence: ReplayDivergence | null;
}>;

/** Per sequence: sum of next-byte losses in nats, scored positions, positions whose most likely byte is right. */
export type NativeScores = Readonly<{ nllNats: Float64Array; scored: Uint32Array; correct: Uint32Array }>;

/** Per scored position; the fields are those of the evaluation's `ByteScores`. */
export type NativeByteScores = Readonly<{
  confidence: Float64Array;
  right: Uint8Array;
  likelihood: Float64Array;
  brier: Float64Array;
  nllNats: Float64Array;
  setSize: Uint16Array;
}>;

/** What of a teacher is written down at every position; docs/trainer.md has the format. */
export type TraceRequest = Readonly<{
  /** So many of the most likely bytes, with their logits; 256: all, 0: none. */
  logits: number;
  /** Layers whose hidden states are kept, ascending from 0. */
  hidden: readonly number[];
}>;

export type NativeDescription = Description &
  Readonly<{
    tensors: readonly Readonly<{ name: string; shape: readonly number[]; sha256: string }>[];
    root: string;
  }>;

export type Machine = Readonly<{
  best: string;
  isa: readonly Readonly<{ name: string; available: boolean }>[];
  threads: number;
  compiler: string;
  contract: string;
  build: string;
}>;

/** With what can train: the processor, and a device, or the reason why there is none. */
export type Backends = Machine &
  Readonly<{
    backends: readonly Readonly<{ name: string; available: boolean; device: string | null; reason: string | null }>[];
  }>;

export type SelfTest = Readonly<{
  ok: boolean;
  backend: string;
  isa: string;
  checks: readonly Readonly<Record<string, unknown>>[];
}>;

export type NativeErrorCode =
  /** An argument, plan or file is malformed. */
  | 'TRAINER_INVALID'
  /** The plan names an input that was not given. */
  | 'TRAINER_MISSING'
  /** A loss, gradient or weight stopped being finite. */
  | 'TRAINER_NON_FINITE'
  | 'TRAINER_CANCELLED'
  /** The trust region failed at its last factor. */
  | 'TRAINER_BUDGET'
  /** The asked instruction set or backend is not on this machine. */
  | 'TRAINER_UNAVAILABLE'
  /** A training job already runs in this process. */
  | 'TRAINER_BUSY'
  | 'TRAINER_INTERNAL';

/** What the functions below throw or reject with; `step` where the failure has one. Wrong argument types are TypeErrors. */
export type NativeError = Error & Readonly<{ code: NativeErrorCode; step?: number }>;

/** The functions of trainer.node: JSON goes in and comes out as text. */
export type Addon = Readonly<{
  run(
    plan: string,
    inputs: readonly Uint8Array[],
    options: NativeOptions,
    onProgress?: (progress: Progress) => void,
  ): NativeJob;
  replay(
    plan: string,
    inputs: readonly Uint8Array[],
    receipt: string,
    transcript: Uint8Array | null,
    candidate: Uint8Array | null,
    states: Uint8Array | null,
    options: NativeOptions,
    onProgress?: (progress: Progress) => void,
  ): NativeJob<string>;
  evaluate(checkpoint: Uint8Array, sequences: Uint8Array, options: NativeOptions): Promise<NativeScores>;
  logits(checkpoint: Uint8Array, sequences: Uint8Array, options: NativeOptions): Promise<Float32Array>;
  byteScores(
    checkpoint: Uint8Array,
    sequences: Uint8Array,
    threshold: number,
    options: NativeOptions,
  ): Promise<NativeByteScores>;
  trace(checkpoint: Uint8Array, sequences: Uint8Array, request: string, options: NativeOptions): Promise<Buffer>;
  divergence(p: Uint8Array, q: Uint8Array, sequences: Uint8Array, options: NativeOptions): Promise<Float64Array>;
  selftest(options: NativeOptions): Promise<string>;
  bench(options: string): Promise<string>;
  initialise(model: string, seed: string | bigint): Buffer;
  distance(a: Uint8Array, b: Uint8Array): string;
  interpolate(a: Uint8Array, b: Uint8Array, factor: number): Buffer;
  describe(checkpoint: Uint8Array): string;
  exportOnnx(checkpoint: Uint8Array, length: number): Buffer;
  machine(): string;
  backends(): string;
}>;

/** The native trainer in this process. Inputs are copied when a call begins; promises run on threads of their own. */
export class Native {
  constructor(private readonly addon: Addon) {}

  /**
   * Trains by a plan (JSON text, docs/trainer.md); `inputs` are the blobs it names. One job in a process at a time: a second
   * one rejects with TRAINER_BUSY. Progress is coalesced to about twenty reports a second; the last step is always reported.
   */
  run(
    plan: string,
    inputs: readonly Uint8Array[],
    options: NativeOptions = {},
    onProgress?: (progress: Progress) => void,
  ): NativeJob {
    return this.addon.run(plan, inputs, options, onProgress);
  }

  /**
   * Trains a plan again, compares with the claim step by step and stops at the first difference. Rejects with TRAINER_INVALID
   * when the claim cannot be held against the plan. One job in a process at a time, as for `run`.
   */
  replay(
    plan: string,
    inputs: readonly Uint8Array[],
    { receipt, transcript, candidate, states }: Claim,
    options: NativeOptions = {},
    onProgress?: (progress: Progress) => void,
  ): NativeJob<ReplayVerdict> {
    const job = this.addon.replay(plan, inputs, receipt, transcript, candidate, states, options, onProgress);
    return { promise: job.promise.then((json) => JSON.parse(json) as ReplayVerdict), cancel: () => job.cancel() };
  }

  /** Scores a checkpoint on sequences (PLSQ). */
  evaluate(checkpoint: Uint8Array, sequences: Uint8Array, options: NativeOptions = {}): Promise<NativeScores> {
    return this.addon.evaluate(checkpoint, sequences, options);
  }

  /** Raw outputs: sequences x length x 256. */
  logits(checkpoint: Uint8Array, sequences: Uint8Array, options: NativeOptions = {}): Promise<Float32Array> {
    return this.addon.logits(checkpoint, sequences, options);
  }

  /** Scores of every scored byte, in order; NaN where an output is not finite. `threshold`: as in the evaluation's scores. */
  byteScores(
    checkpoint: Uint8Array,
    sequences: Uint8Array,
    threshold: number,
    options: NativeOptions = {},
  ): Promise<NativeByteScores> {
    return this.addon.byteScores(checkpoint, sequences, threshold, options);
  }

  /** A teacher's logits and hidden states on sequences, as the artifact that a plan's `distillation` names. */
  trace(
    checkpoint: Uint8Array,
    sequences: Uint8Array,
    request: TraceRequest,
    options: NativeOptions = {},
  ): Promise<Buffer> {
    return this.addon.trace(checkpoint, sequences, JSON.stringify(request), options);
  }

  /** KL(p || q) in nats, summed over the positions of each sequence. */
  divergence(p: Uint8Array, q: Uint8Array, sequences: Uint8Array, options: NativeOptions = {}): Promise<Float64Array> {
    return this.addon.divergence(p, q, sequences, options);
  }

  /** Compares every operation with the committed hashes. */
  async selftest(options: NativeOptions = {}): Promise<SelfTest> {
    return JSON.parse(await this.addon.selftest(options)) as SelfTest;
  }

  /** Speed of training on made-up data; fields as `trainer bench --json` prints them. */
  async bench(options: Readonly<Record<string, number | string>>): Promise<Readonly<Record<string, unknown>>> {
    return JSON.parse(await this.addon.bench(JSON.stringify(options))) as Record<string, unknown>;
  }

  /** Fresh weights; the seed is an unsigned 64-bit integer, as text or bigint. */
  initialise(model: Shape, seed: string | bigint): Buffer {
    return this.addon.initialise(JSON.stringify(model), seed);
  }

  /** ||b - a|| / ||a||, whole and per tensor. */
  distance(a: Uint8Array, b: Uint8Array): Distance {
    return JSON.parse(this.addon.distance(a, b)) as Distance;
  }

  /** a + factor (b - a); the factor must be exactly a binary32 number. */
  interpolate(a: Uint8Array, b: Uint8Array, factor: number): Buffer {
    return this.addon.interpolate(a, b, factor);
  }

  describe(checkpoint: Uint8Array): NativeDescription {
    return JSON.parse(this.addon.describe(checkpoint)) as NativeDescription;
  }

  /** ONNX opset 18 for sequences of exactly `length` bytes, a multiple of 64. */
  exportOnnx(checkpoint: Uint8Array, length: number): Buffer {
    return this.addon.exportOnnx(checkpoint, length);
  }

  machine(): Machine {
    return JSON.parse(this.addon.machine()) as Machine;
  }

  /** The first call in a process tries the device, which may take some seconds where there is one. */
  backends(): Backends {
    return JSON.parse(this.addon.backends()) as Backends;
  }
}

/**
 * The addon of this checkout.
 * @throws NativeUnavailable when it is not built, or crashes the process that tries it
 */
export const loadNative = (): Native => new Native(loadAddon() as Addon);
