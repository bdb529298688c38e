import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { forked, holdOpen } from '#doors/forked.js';
import type { TaskSequence } from '#corpus/domain/family.js';
import { decodeSequences, encodeSequences } from '#corpus/domain/plsq.js';
import { Evaluator, EvaluatorFailed, VOCAB, type Evaluated, type EvaluatedWithLogits } from './evaluator.js';
import type { OnnxReply, OnnxRequest, OnnxScores } from './onnx-protocol.js';

/** The same weights as ONNX bytes for sequences of the given length. */
export type ExportOnnx = (checkpoint: Uint8Array, length: number) => Uint8Array | Promise<Uint8Array>;

export type OnnxOptions = Readonly<{
  /** Longest wait for one answer of the worker; it is then killed. */
  timeoutMs?: number;
  /** Sequences per request: bounds the memory of both processes. */
  batch?: number;
}>;

const WORKER = fileURLToPath(new URL('./onnx-worker.js', import.meta.url));
const STDERR_KEPT = 500;

type Pending = Readonly<{ resolve(reply: OnnxReply): void; reject(error: Error): void }>;

/** The shadow evaluator: the exported model on onnxruntime-node in a child process that shares no code with the trainer. */
export class OnnxEvaluator extends Evaluator {
  override readonly name = 'onnx';
  private readonly timeoutMs: number;
  private readonly batch: number;
  private child: ChildProcess | undefined;
  private pending: Pending | undefined;
  private stderr = '';
  private runtime = 'onnxruntime-node';
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly exportOnnx: ExportOnnx,
    { timeoutMs = 120_000, batch = 32 }: OnnxOptions = {},
  ) {
    super();
    this.timeoutMs = timeoutMs;
    this.batch = batch;
  }

  /** Known in full once the worker has started. */
  override get build(): string {
    return this.runtime;
  }

  /** Process id of the worker, while there is one. */
  get workerPid(): number | undefined {
    return this.child?.pid;
  }

  override async evaluate(checkpoint: Uint8Array, sequences: Uint8Array): Promise<Evaluated> {
    const { nllNats, scored, correct } = await this.score(checkpoint, sequences, false);
    return { nllNats, scored, correct };
  }

  override async evaluateWithLogits(checkpoint: Uint8Array, sequences: Uint8Array): Promise<EvaluatedWithLogits> {
    return this.score(checkpoint, sequences, true);
  }

  /** Ends the worker. The evaluator stays usable: the next evaluation starts a new one. */
  async close(): Promise<void> {
    await this.turn;
    this.stop();
  }

  private async score(checkpoint: Uint8Array, bytes: Uint8Array, logits: boolean): Promise<EvaluatedWithLogits> {
    const sequences = decodeSequences(bytes);
    const model = await this.exportOnnx(checkpoint, sequences[0]?.tokens.length ?? 0);
    return this.inTurn(() => this.scoreModel(model, sequences, logits));
  }

  /** One evaluation at a time: the worker holds one model. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }

  private async scoreModel(
    model: Uint8Array,
    sequences: readonly TaskSequence[],
    withLogits: boolean,
  ): Promise<EvaluatedWithLogits> {
    const count = sequences.length;
    const length = sequences[0]?.tokens.length ?? 0;
    const all = {
      nllNats: new Float64Array(count),
      scored: new Uint32Array(count),
      correct: new Uint32Array(count),
      logits: new Float32Array(withLogits ? count * length * VOCAB : 0),
    };
    await this.ask({ kind: 'load', model });
    for (let start = 0; start < count; start += this.batch) {
      const batch = encodeSequences(sequences.slice(start, start + this.batch));
      const scores = await this.run(batch, withLogits);
      all.nllNats.set(scores.nllNats, start);
      all.scored.set(scores.scored, start);
      all.correct.set(scores.correct, start);
      if (scores.logits) all.logits.set(scores.logits, start * length * VOCAB);
    }
    return all;
  }

  private async run(sequences: Uint8Array, logits: boolean): Promise<OnnxScores> {
    const reply = await this.ask({ kind: 'run', sequences, logits });
    if (reply.kind !== 'scored') throw this.failure(`answered "${reply.kind}" to a batch`);
    return reply.scores;
  }

  private async ask(request: OnnxRequest): Promise<OnnxReply> {
    const child = this.child ?? (await this.start());
    const reply = await this.awaitReply(child, () => child.send(request));
    if (reply.kind === 'failed') throw this.failure(reply.reason);
    return reply;
  }

  private async start(): Promise<ChildProcess> {
    const child = forked(WORKER);
    this.child = child;
    this.stderr = '';
    child.stderr?.on('data', (text: Buffer) => this.said(child, text.toString()));
    child.on('message', (reply: OnnxReply) => this.answered(child, reply));
    child.on('error', (error) => this.lost(child, error.message));
    child.on('exit', (code, signal) => this.lost(child, `the worker ended (${signal ?? `exit code ${code}`})`));
    const reply = await this.awaitReply(child, () => undefined);
    if (reply.kind === 'ready') this.runtime = reply.build;
    return child;
  }

  /** Holds the event loop only while an answer is awaited, so that an idle worker never keeps a program from ending. */
  private async awaitReply(child: ChildProcess, send: () => unknown): Promise<OnnxReply> {
    holdOpen(child, true);
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<OnnxReply>((resolve, reject) => {
        this.pending = { resolve, reject };
        timer = setTimeout(() => {
          this.stop();
          reject(this.failure(`no answer within ${this.timeoutMs} ms`, 'timed-out'));
        }, this.timeoutMs);
        send();
      });
    } finally {
      clearTimeout(timer);
      this.pending = undefined;
      holdOpen(child, false);
    }
  }

  /** What a worker says that was killed for its silence is no answer to what another one was asked. */
  private answered(child: ChildProcess, reply: OnnxReply): void {
    if (this.child === child) this.pending?.resolve(reply);
  }

  private said(child: ChildProcess, text: string): void {
    if (this.child === child) this.stderr = (this.stderr + text).slice(-STDERR_KEPT);
  }

  private lost(child: ChildProcess, reason: string): void {
    if (this.child !== child) return;
    this.child = undefined;
    const said = this.stderr.trim();
    this.pending?.reject(this.failure(said === '' ? reason : `${reason}: ${said}`));
  }

  private stop(): void {
    const child = this.child;
    this.child = undefined;
    child?.kill('SIGKILL');
  }

  private failure(reason: string, kind: EvaluatorFailed['kind'] = 'crashed'): EvaluatorFailed {
    return new EvaluatorFailed(this.name, reason, { kind });
  }
}
