import { setTimeout as pause } from 'node:timers/promises';
import { nextStep, type Step } from '#run/domain/next-step.js';
import type { LoopPorts } from './loop-ports.js';
import { guardChampion } from './guard-champion.js';
import { overtaken } from './overtaken.js';
import { loadContext, readRun, type RunContext } from './run-context.js';
import { takeStep, wordsFor } from './run-loop.js';

/** What a run's driver is doing, for whoever looks on. `waiting`: for a trainer to take the update. */
export type DriverState = Readonly<{
  run: string;
  state: 'working' | 'waiting' | 'retrying' | 'resting';
  what: string;
  /** Why the step failed the last time; null when it did not. */
  error: string | null;
  /** Failures in a row without getting past this step. */
  attempts: number;
}>;

export type Pauses = Readonly<{ firstMs: number; mostMs: number }>;
export const PAUSES: Pauses = { firstMs: 500, mostMs: 60_000 };

const isSame = (one: Step, other: Step | undefined): boolean => JSON.stringify(one) === JSON.stringify(other);
/** The cycle a step belongs to; 0 before the first and after the last. */
const placeOf = (step: Step): number => ('cycle' in step ? step.cycle : 0);
const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Takes one run from step to step until nothing is left to do. Another driver of the same run, or a command that changes it,
 * makes a step fail or do nothing; the log then says what is next. A step that fails by itself is tried again after a pause.
 */
export class RunDriver {
  private what = 'reading the log';
  private standing: DriverState['state'] = 'working';
  private error: string | null = null;
  private attempts = 0;
  /** The step that failed; a failed attempt is closed and ordered again by steps that succeed, and it is still this one. */
  private failing: Step | undefined;
  private revision = -1;
  private woken = false;
  private inStep = new AbortController();
  private inPause = new AbortController();

  constructor(
    private readonly ports: LoopPorts,
    readonly run: string,
    private readonly closing: AbortSignal,
    private readonly pauses: Pauses = PAUSES,
  ) {}

  get state(): DriverState {
    const { run, standing, what, error, attempts } = this;
    return { run, state: standing, what, error, attempts };
  }

  /** Whether something happened since the driver last looked at the log. */
  get isWoken(): boolean {
    return this.woken;
  }

  /** Something happened to the run. `stops`: nobody wants the update that is being trained any more. */
  notice(revision: number, stops: boolean): void {
    if (revision <= this.revision) return;
    this.woken = true;
    this.inPause.abort();
    if (stops) this.inStep.abort();
  }

  /** Resolves when the run needs nothing, or at the end of a step once the process closes. Never rejects. */
  async drive(): Promise<void> {
    let context: RunContext | undefined;
    const known = async (load: () => Promise<RunContext>): Promise<RunContext> => (context ??= await load());
    while (!this.closing.aborted) {
      this.woken = false;
      if (!(await this.advance(known))) return;
    }
  }

  /** Takes the next step; false when there is none. */
  private async advance(known: (load: () => Promise<RunContext>) => Promise<RunContext>): Promise<boolean> {
    const { ports } = this;
    let step: Step | undefined;
    try {
      const { run, revision } = await readRun(ports, this.run);
      this.revision = revision;
      step = nextStep(run);
      if (!isSame(step, this.failing)) this.getOn();
      if (step.kind === 'rest') {
        this.enter('resting', run.status === 'running' ? 'the base could not be trained' : run.status);
        return false;
      }
      if (await guardChampion(ports, run, step)) return true;
      const context = await known(() => loadContext(ports, run.config));
      this.begin(step);
      const { inStep, closing } = this;
      const words = wordsFor(step);
      const onClaimed = (): void => this.enter('working', words);
      await takeStep(ports, context, run, step, { cancel: inStep.signal, closing, onClaimed });
    } catch (error) {
      await this.fail(error, step);
    }
    return true;
  }

  private getOn(): void {
    this.failing = undefined;
    this.attempts = 0;
    this.error = null;
  }

  private begin(step: Step): void {
    this.inStep = new AbortController();
    if (step.kind === 'train') this.enter('waiting', `${wordsFor(step)}: no trainer has taken it yet`);
    else this.enter('working', wordsFor(step));
    if (step.kind !== 'train') this.ports.listener.working(this.run, placeOf(step), this.what);
  }

  private enter(standing: DriverState['state'], what: string): void {
    this.standing = standing;
    this.what = what;
  }

  private async fail(error: unknown, step: Step | undefined): Promise<void> {
    if (this.closing.aborted) return;
    const elsewhere = await overtaken(this.ports, this.run, this.revision, error).catch(() => false);
    if (elsewhere) return;
    this.failing = step;
    this.attempts += 1;
    this.error = messageOf(error);
    this.standing = 'retrying';
    const { firstMs, mostMs } = this.pauses;
    const pauseMs = Math.min(mostMs, firstMs * 2 ** (this.attempts - 1));
    const words = `tried again in ${pauseMs / 1000} s: ${this.error}`;
    this.ports.listener.working(this.run, step ? placeOf(step) : 0, words);
    this.inPause = new AbortController();
    const signal = AbortSignal.any([this.closing, this.inPause.signal]);
    await pause(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}
