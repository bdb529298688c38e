import type { EvaluatedWithLogits } from './evaluator.js';

/** What the parent asks of the worker; one request at a time, answered in order. */
export type OnnxRequest =
  | Readonly<{ kind: 'load'; model: Uint8Array }>
  /** A PLSQ batch, on the model loaded last. */
  | Readonly<{ kind: 'run'; sequences: Uint8Array; logits: boolean }>;

export type OnnxScores = Omit<EvaluatedWithLogits, 'logits'> & Readonly<{ logits: Float32Array | null }>;

export type OnnxReply =
  | Readonly<{ kind: 'ready'; build: string }>
  | Readonly<{ kind: 'loaded' }>
  | Readonly<{ kind: 'scored'; scores: OnnxScores }>
  | Readonly<{ kind: 'failed'; reason: string }>;
