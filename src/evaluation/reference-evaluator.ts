import { Worker } from 'node:worker_threads';
import { REFERENCE_EVALUATOR } from './domain/comparison.js';
import { Evaluator, EvaluatorFailed, type Evaluated, type EvaluatedWithLogits } from './evaluator.js';
import { DEFAULT_EVALUATION_LIMIT_MS } from './guarded-evaluator.js';
import type { ReferenceReply, ReferenceRequest } from './reference-protocol.js';

const WORKER = new URL('./reference-worker.js', import.meta.url);

/**
 * The third evaluator: the model's recurrence in plain TypeScript and binary64, in a thread that lasts for one evaluation. It
 * shares no code with the trainer or the exported graph, and costs a second for a few sequences: it is shown a sample.
 */
export class ReferenceEvaluator extends Evaluator {
  override readonly name = REFERENCE_EVALUATOR;
  override readonly build = `binary64 recurrence, Node.js ${process.versions.node}`;

  /** @param timeoutMs longest wait for an answer; the thread is then ended */
  constructor(private readonly timeoutMs = DEFAULT_EVALUATION_LIMIT_MS) {
    super();
  }

  override async evaluate(checkpoint: Uint8Array, sequences: Uint8Array): Promise<Evaluated> {
    const { nllNats, scored, correct } = await this.evaluateWithLogits(checkpoint, sequences);
    return { nllNats, scored, correct };
  }

  override async evaluateWithLogits(checkpoint: Uint8Array, sequences: Uint8Array): Promise<EvaluatedWithLogits> {
    const request: ReferenceRequest = { checkpoint, sequences };
    // No execArgv: the thread must not inherit a test runner's or debugger's flags.
    const worker = new Worker(WORKER, { workerData: request, execArgv: [] });
    try {
      const reply = await this.replyOf(worker);
      if (reply.kind === 'failed') throw new EvaluatorFailed(this.name, reply.reason);
      return reply.scores;
    } finally {
      await worker.terminate();
    }
  }

  private replyOf(worker: Worker): Promise<ReferenceReply> {
    return new Promise((resolve, reject) => {
      const fail = (reason: string, kind?: 'timed-out'): void =>
        reject(new EvaluatorFailed(this.name, reason, { ...(kind && { kind }) }));
      const timer = setTimeout(() => fail(`no answer within ${this.timeoutMs} ms`, 'timed-out'), this.timeoutMs);
      worker.once('message', (reply: ReferenceReply) => resolve(reply));
      worker.once('error', (error: unknown) => fail(error instanceof Error ? error.message : String(error)));
      worker.once('exit', (code) => {
        clearTimeout(timer);
        fail(`its thread ended with code ${code}`);
      });
    });
  }
}
