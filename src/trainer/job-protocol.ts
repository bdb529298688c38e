import type { Claim, NativeError, NativeOptions, NativeOutput, ReplayVerdict } from './native.js';
import type { Progress } from './trainer.js';

/** One job of the native trainer; `plan` is JSON text, `inputs` are the blobs that it names. */
export type Job = Readonly<{ plan: string; inputs: readonly Uint8Array[]; options: NativeOptions }> &
  Readonly<{ kind: 'run' } | { kind: 'replay'; claim: Claim }>;

/** What the parent asks of the worker: one job at a time, and to stop it at its next step. */
export type JobRequest = Job | Readonly<{ kind: 'cancel' }>;

export type JobFailure = Pick<NativeError, 'code' | 'message' | 'step'>;

export type JobReply =
  /** Said once, at the start: why the device cannot be used; null when it can. */
  | Readonly<{ kind: 'tried'; refusal: string | null }>
  | Readonly<{ kind: 'progress'; progress: Progress }>
  | Readonly<{ kind: 'done'; result: NativeOutput | ReplayVerdict }>
  | Readonly<{ kind: 'failed'; failure: JobFailure }>;
