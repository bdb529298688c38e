import { HttpProblem, NotFound } from '#doors/problem.js';
import { ArtifactDamaged, type Artifacts } from '#ledger/artifacts.js';
import { Refused } from '#ledger/decider.js';
import { fold, type Ledger } from '#ledger/ledger.js';
import { cycleOf, runStream } from '#run/domain/run.js';
import { checkResult, type Offered } from './check-result.js';
import type { ClaimKey, DeskOrder } from './desk-order.js';
import { planInputs } from './domain/plan.js';
import type { RefusalTally } from './refusal-tally.js';
import { ResultRefused, type RefusalReason } from './result-refused.js';
import { IN_PROCESS } from './train-natively.js';
import { UpdateFailed, type Claimant, type Progress } from './trainer.js';
import type { TrainingDesk } from './training-desk.js';
import type { Weights } from './weights.js';

/** All that one claim may send: a checkpoint, an optimiser state of twice its size, a transcript and a receipt, and again. */
const MOST_UPLOADED_BYTES = 4 * 1024 ** 3;

/** What trainers in other processes may do with their claims: everything they say is checked, and a lie is recorded. */
export class Claims {
  constructor(
    private readonly desk: TrainingDesk,
    private readonly ledger: Ledger,
    private readonly artifacts: Artifacts,
    private readonly weights: Weights,
    private readonly tally: RefusalTally,
  ) {}

  get leaseSeconds(): number {
    return this.desk.leaseMs / 1000;
  }

  async claim(claimant: Claimant, gone: AbortSignal, waitMs: number): Promise<DeskOrder | undefined> {
    if (claimant.trainer === IN_PROCESS)
      throw new Refused(`trainer: "${IN_PROCESS}" is the service's own; make a token with another name`);
    const entry = await this.desk.claim(claimant, AbortSignal.any([gone, AbortSignal.timeout(waitMs)]));
    if (!entry || !gone.aborted) return entry;
    entry.fail(new UpdateFailed('lost', null, `trainer ${claimant.trainer} went away before it had its answer`));
    return undefined;
  }

  /** @throws NotFound unless the plan of this trainer's claim names the artifact */
  async input(key: ClaimKey, trainer: string, sha256: string): Promise<Uint8Array> {
    const entry = this.desk.held(key, trainer);
    if (!entry) throw await this.notHeld(key, trainer, null);
    if (!planInputs(entry.order.plan).includes(sha256))
      throw new NotFound(`artifact ${sha256} is no input of this plan; the claim lists them under "inputs"`);
    return this.artifacts.get(sha256);
  }

  /** Takes bytes as they come; nothing of them is kept when they have another hash. @throws ResultRefused */
  async upload(key: ClaimKey, trainer: string, sha256: string, chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const entry = this.desk.held(key, trainer);
    if (!entry) return this.refuse(key, trainer, await this.notHeld(key, trainer, sha256));
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        entry.uploadedBytes += chunk.length;
        if (entry.uploadedBytes > MOST_UPLOADED_BYTES)
          throw new Refused(
            `artifacts: more than ${MOST_UPLOADED_BYTES} bytes under one claim; abort it and claim anew`,
          );
        yield chunk;
      }
    };
    try {
      await this.artifacts.receive(sha256, counted());
    } catch (error) {
      if (!(error instanceof ArtifactDamaged)) throw error;
      return this.refuse(key, trainer, new ResultRefused('wrong-hash', sha256, `${error.message}; send it again`));
    }
    this.desk.heartbeat(key, trainer, null);
  }

  /** @throws HttpProblem 503 while the service takes the order up again */
  async heartbeat(
    key: ClaimKey,
    trainer: string,
    progress: Progress | null,
  ): Promise<Readonly<{ leaseSeconds: number; cancelled: boolean }>> {
    const leaseMs = this.desk.heartbeat(key, trainer, progress);
    if (leaseMs !== undefined) return { leaseSeconds: leaseMs / 1000, cancelled: false };
    const problem = await this.notHeld(key, trainer, null);
    if (!(problem instanceof ResultRefused)) throw problem;
    return { leaseSeconds: 0, cancelled: true };
  }

  /** Resolves when the update is in the log. @throws ResultRefused */
  async complete(key: ClaimKey, trainer: string, offered: Offered): Promise<void> {
    const entry = this.desk.held(key, trainer);
    const { candidate } = offered;
    if (!entry?.claimant) return this.refuse(key, trainer, await this.notHeld(key, trainer, candidate));
    if (entry.completing)
      return this.refuse(key, trainer, new ResultRefused('duplicate', candidate, 'a result is being checked already'));
    const { artifacts, weights } = this;
    entry.completing = true;
    try {
      const checked = await checkResult({ artifacts, weights }, entry.order, entry.claimant.contract, offered);
      const elapsedMs = this.ledger.clock.elapsedMs() - entry.claimedAtMs;
      this.desk.heartbeat(key, trainer, null);
      await entry.record({ ...checked, elapsedMs });
    } catch (error) {
      await this.failed(entry, key, trainer, candidate, error);
    } finally {
      entry.completing = false;
    }
  }

  abort(key: ClaimKey, trainer: string, failure: UpdateFailed): void {
    this.desk.held(key, trainer)?.fail(failure);
  }

  private async failed(entry: DeskOrder, key: ClaimKey, trainer: string, candidate: string, error: unknown) {
    if (error instanceof ResultRefused) return this.refuse(key, trainer, error);
    if (!(error instanceof UpdateFailed || error instanceof Refused)) throw error;
    // Measured to be worth nothing, or the run went on without it: either way this attempt is over.
    entry.fail(error);
    const reason = error instanceof UpdateFailed ? 'not-finite' : 'late';
    return this.refuse(key, trainer, new ResultRefused(reason, candidate, error.message));
  }

  private async refuse(key: ClaimKey, trainer: string, problem: HttpProblem): Promise<never> {
    if (problem instanceof ResultRefused) await this.tally.refused(problem, key, trainer);
    throw problem;
  }

  /** Why this trainer has no such claim, as far as the log can tell. */
  private async notHeld(key: ClaimKey, trainer: string, offered: string | null): Promise<HttpProblem> {
    const { run, cycle: number, epoch } = key;
    const claim = `run ${run}, cycle ${number}, epoch ${epoch}`;
    const refused = (reason: RefusalReason, why: string): ResultRefused =>
      new ResultRefused(reason, offered, `${claim}: ${why}; POST /v1/trainer/claims for the next order`);
    const { state } = await fold(this.ledger.log, runStream, run);
    if (state.status === 'absent') return refused('unknown-claim', 'there is no such run');
    const { requested, started, produced, interruptions } = cycleOf(state, number);
    if (produced?.env.attempt === epoch)
      return refused('duplicate', `the update has its result, candidate ${produced.candidate}`);
    const under = requested && !produced ? requested.env.attempt : undefined;
    // A service that has just begun answers before its loop has come to this run: what was trained meanwhile is not lost.
    if (under === epoch && started?.env.trainer === trainer && state.status === 'running')
      return new HttpProblem(503, 'not-taken-up', 'The order is not taken up yet', `${claim}: ask again in a moment`, {
        'retry-after': '1',
      });
    if (under === epoch) return refused('unknown-claim', `it is claimed by ${started?.env.trainer ?? 'nobody'}`);
    const last = Math.max(interruptions, produced?.env.attempt ?? 0, under ?? 0);
    return epoch <= last
      ? refused('late', `the lease ran out or the run went on, epoch ${last} is the last`)
      : refused('unknown-claim', 'nothing was asked for under this epoch');
  }
}
