import { setTimeout as pause } from 'node:timers/promises';
import type { Artifacts } from '#ledger/artifacts.js';
import { sha256 } from '#ledger/digest.js';
import { canonicalJson } from '#ledger/record.js';
import type { Plan } from './domain/plan.js';
import type { NativeTrainer } from './train-natively.js';
import { Answered, type TrainerClient } from './trainer-client.js';
import { UpdateFailed, type Progress, type Trained } from './trainer.js';
import type { Claim } from './trainer.view.js';

/** Heartbeats in one lease at least: so many may be lost but one. */
const BEATS_PER_LEASE = 4;
/** Progress is worth looking at this often. */
const MOST_BEAT_MS = 2000;
const PAUSE_AFTER_FAILURE_MS = 1000;

/** What a remote trainer tells its terminal. */
export type Told = Readonly<{
  say: (text: string) => void;
  progress: (claim: Claim, progress: Progress) => void;
}>;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const named = ({ run, cycle, epoch }: Claim): string =>
  `${run}, ${cycle === 0 ? 'base' : `cycle ${cycle}`}${epoch > 1 ? `, attempt ${epoch}` : ''}`;

/** A trainer in a process of its own: claims orders of a service, trains them by the contract, and sends what came of it. */
export class RemoteWorker {
  constructor(
    private readonly client: TrainerClient,
    private readonly native: NativeTrainer,
    /** An empty store for one claim. */
    private readonly store: () => Artifacts,
    private readonly told: Told,
  ) {}

  /** Works until the signal ends it; the claim it then has is given back. @throws Answered when it may not claim, NativeUnavailable when it could not train */
  async work(stop: AbortSignal): Promise<void> {
    const { build, backend, threads } = this.native.facts();
    while (!stop.aborted) {
      await this.native.ready();
      const claim = await this.client.claim({ build, backend, threads, contract: 'nc-1' }, stop).catch((error) => {
        if (stop.aborted) return undefined;
        throw error;
      });
      if (claim) await this.take(claim, stop);
    }
  }

  private async take(claim: Claim, stop: AbortSignal): Promise<void> {
    this.told.say(`${named(claim)}: claimed`);
    const over = new AbortController();
    let progress: Progress | null = null;
    const beat = async (): Promise<void> => {
      const answer = await this.client.heartbeat(claim, progress).catch(() => undefined);
      if (answer?.cancelled) over.abort();
    };
    const beating = setInterval(
      () => void beat(),
      Math.min(MOST_BEAT_MS, (claim.leaseSeconds * 1000) / BEATS_PER_LEASE),
    );
    const onProgress = (now: Progress): void => {
      progress = now;
      this.told.progress(claim, now);
    };
    try {
      await this.train(claim, { onProgress, over: over.signal, stop });
    } catch (error) {
      await this.failed(claim, error, over.signal.aborted, stop);
    } finally {
      clearInterval(beating);
    }
  }

  private async train(
    claim: Claim,
    { onProgress, over, stop }: { onProgress: (progress: Progress) => void; over: AbortSignal; stop: AbortSignal },
  ): Promise<void> {
    const either = AbortSignal.any([over, stop]);
    const plan = claim.plan as Plan;
    if (sha256(canonicalJson(plan)) !== claim.planHash)
      throw new Error(`the plan is not the one that ${claim.planHash} names`);
    const artifacts = this.store();
    for (const hash of claim.inputs) await artifacts.put(await this.client.input(claim, hash, either));
    const trained = await this.native.carryOut(plan, { artifacts, onProgress, signals: [over, stop] });
    await this.send(claim, trained, artifacts, either);
    this.told.say(`${named(claim)}: recorded as ${trained.candidate.slice(0, 12)}`);
  }

  private async send(claim: Claim, trained: Trained, artifacts: Artifacts, signal: AbortSignal): Promise<void> {
    if (!trained.receipt) throw new RangeError('the native trainer left no receipt');
    const { candidate, optimiser, transcript } = trained.receipt;
    for (const hash of [candidate, optimiser, transcript, trained.receiptHash])
      await this.client.upload(claim, await artifacts.get(hash), signal);
    await this.client.complete(claim, { candidate, receipt: trained.receiptHash }, signal).catch((error: unknown) => {
      // Its answer to an earlier try was lost on the way: the result is in the log.
      if (!(error instanceof Answered && error.kind === 'duplicate')) throw error;
    });
  }

  private async failed(claim: Claim, error: unknown, over: boolean, stop: AbortSignal): Promise<void> {
    if (over && !(error instanceof Answered)) {
      this.told.say(`${named(claim)}: the service wants it no more`);
      return;
    }
    this.told.say(`${named(claim)}: ${stop.aborted ? 'given back' : messageOf(error)}`);
    if (error instanceof Answered && ['late', 'unknown-claim'].includes(error.kind)) return;
    const { reason, step } = error instanceof UpdateFailed ? error : { reason: 'cancelled' as const, step: null };
    const message = stop.aborted ? 'the trainer was stopped' : messageOf(error).slice(0, 2000);
    const why = reason === 'lost' ? 'cancelled' : reason;
    await this.client.abort(claim, { reason: why, step, message }).catch(() => undefined);
    await pause(PAUSE_AFTER_FAILURE_MS, undefined, { signal: stop }).catch(() => undefined);
  }
}
