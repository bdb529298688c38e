import type { ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { forked, holdOpen } from '#doors/forked.js';
import type { Job, JobReply } from './job-protocol.js';
import { NativeUnavailable } from './native-addon.js';
import type { Claim, NativeJob, NativeOptions, NativeOutput, ReplayVerdict } from './native.js';
import { UpdateFailed, type Progress } from './trainer.js';

const WORKER = fileURLToPath(new URL('./job-worker.js', import.meta.url));
const STDERR_KEPT = 500;
/** Failures of the machine: a device that failed once is not asked again by the same process. */
const OF_THE_MACHINE = ['TRAINER_UNAVAILABLE', 'TRAINER_INTERNAL'];

type Hear = (progress: Progress) => void;
type Answered = Exclude<JobReply, { kind: 'progress' }>;
type Waiting = Readonly<{ hear: Hear; resolve: (reply: Answered) => void; lost: (how: string) => void }>;

/**
 * Jobs of the native trainer in a process of their own, where a device computes. A crash there, of the plugin or of the
 * driver, is a failed job here; the next job gets a new process, whose device has to pass its self-test again.
 */
export class JobProcess {
  private child: ChildProcess | undefined;
  private trial: Promise<void> | undefined;
  private waiting: Waiting | undefined;
  private stderr = '';

  /** Resolves when there is a process whose device passed its self-test. @throws NativeUnavailable with what it failed by */
  ready(): Promise<void> {
    return (this.trial ??= this.start());
  }

  run(plan: string, inputs: readonly Uint8Array[], options: NativeOptions, hear: Hear): NativeJob {
    return this.begin<NativeOutput>({ kind: 'run', plan, inputs, options }, hear);
  }

  replay(
    plan: string,
    inputs: readonly Uint8Array[],
    claim: Claim,
    options: NativeOptions,
    hear: Hear,
  ): NativeJob<ReplayVerdict> {
    return this.begin<ReplayVerdict>({ kind: 'replay', plan, inputs, claim, options }, hear);
  }

  /** Ends the process, and with it the job that it has; the next one starts another. */
  stop(): void {
    if (this.child) this.lost(this.child, 'its process was stopped');
  }

  private begin<Output>(job: Job, hear: Hear): NativeJob<Output> {
    const cancelled = new AbortController();
    return { promise: this.carryOut(job, hear, cancelled.signal) as Promise<Output>, cancel: () => cancelled.abort() };
  }

  private async carryOut(job: Job, hear: Hear, cancelled: AbortSignal): Promise<NativeOutput | ReplayVerdict> {
    await this.ready();
    let step: number | null = null;
    const crash = (how: string): UpdateFailed => new UpdateFailed('crash', step, how);
    const cancel = (): void => void this.child?.send({ kind: 'cancel' });
    const reply = await this.answer(
      () => {
        this.child?.send(job);
        if (cancelled.aborted) cancel();
        cancelled.addEventListener('abort', cancel);
      },
      (progress) => {
        ({ step } = progress);
        hear(progress);
      },
      (how) => crash(`backend cuda: ${how}`),
    ).finally(() => cancelled.removeEventListener('abort', cancel));
    if (reply.kind === 'done') return reply.result;
    if (reply.kind === 'tried') throw new RangeError('backend cuda: its process was tried twice');
    const { code, message } = reply.failure;
    if (!OF_THE_MACHINE.includes(code)) throw Object.assign(new Error(message), reply.failure);
    this.stop();
    throw crash(message);
  }

  private async start(): Promise<void> {
    const child = forked(WORKER);
    this.child = child;
    this.stderr = '';
    child.stderr?.on('data', (text: Buffer) => (this.stderr = (this.stderr + text.toString()).slice(-STDERR_KEPT)));
    child.on('message', (reply: JobReply) => this.heard(child, reply));
    child.on('error', (error) => this.lost(child, error.message));
    child.on('close', (code, signal) => this.lost(child, `its process ended (${signal ?? `exit code ${code}`})`));
    const refused = (how: string): NativeUnavailable => new NativeUnavailable(`backend cuda: ${how}`);
    const reply = await this.answer(
      () => undefined,
      () => undefined,
      refused,
    );
    if (reply.kind !== 'tried' || reply.refusal === null) return;
    this.stop();
    throw refused(reply.refusal);
  }

  /** Holds the event loop only while an answer is awaited, so that an idle process never keeps a program from ending. */
  private async answer(ask: () => void, hear: Hear, failure: (how: string) => Error): Promise<Answered> {
    const { child } = this;
    if (this.waiting || !child) throw new RangeError('backend cuda: one job at a time');
    holdOpen(child, true);
    try {
      return await new Promise<Answered>((resolve, reject) => {
        this.waiting = { hear, resolve, lost: (how) => reject(failure(how)) };
        ask();
      });
    } finally {
      this.waiting = undefined;
      holdOpen(child, false);
    }
  }

  private heard(child: ChildProcess, reply: JobReply): void {
    if (this.child !== child) return;
    if (reply.kind === 'progress') this.waiting?.hear(reply.progress);
    else this.waiting?.resolve(reply);
  }

  private lost(child: ChildProcess, how: string): void {
    if (this.child !== child) return;
    this.child = undefined;
    this.trial = undefined;
    // One that failed without an end would keep the device for as long as this process lives.
    child.kill('SIGKILL');
    const said = this.stderr.trim();
    this.waiting?.lost(said === '' ? how : `${how}: ${said}`);
  }
}
