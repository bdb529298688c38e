import type { EvaluatedWithLogits } from './evaluator.js';

/** What the worker is given: a checkpoint (safetensors) and sequences (PLSQ). */
export type ReferenceRequest = Readonly<{ checkpoint: Uint8Array; sequences: Uint8Array }>;

export type ReferenceReply =
  Readonly<{ kind: 'scored'; scores: EvaluatedWithLogits }> | Readonly<{ kind: 'failed'; reason: string }>;
