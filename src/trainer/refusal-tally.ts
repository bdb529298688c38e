import { auditStream } from '#audit/domain/audit.js';
import { UpdateResultRefused } from '#audit/domain/result-events.js';
import { trainerActor } from '#doors/actors.js';
import { decide, type Ledger } from '#ledger/ledger.js';
import type { ClaimKey } from './desk-order.js';
import type { ResultRefused } from './result-refused.js';

const MINUTE_MS = 60_000;

type Counted = { refusal: ReturnType<ResultRefused['refusal']>; count: number };

/**
 * Records refused results. The first of a trainer and a reason is written at once, the others of the same minute as one
 * event when it is over, so that nobody can grow the log by lying.
 */
export class RefusalTally {
  private readonly counting = new Map<string, Counted>();
  private readonly timer = setInterval(() => void this.flush(), MINUTE_MS).unref();

  constructor(private readonly ledger: Ledger) {}

  async refused(problem: ResultRefused, key: ClaimKey, trainer: string): Promise<void> {
    const refusal = problem.refusal(key, trainer);
    const name = JSON.stringify([trainer, problem.reason]);
    const known = this.counting.get(name);
    if (known) {
      known.refusal = refusal;
      known.count += 1;
      return;
    }
    this.counting.set(name, { refusal, count: 0 });
    await this.write({ refusal, count: 1 });
  }

  /** Ends the minute. What cannot be written now is counted on. */
  async flush(): Promise<void> {
    const minute = [...this.counting];
    this.counting.clear();
    for (const [name, counted] of minute) {
      if (counted.count > 0) await this.write(counted).catch(() => this.counting.set(name, counted));
    }
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  private async write({ refusal, count }: Counted): Promise<void> {
    const decision = () => [UpdateResultRefused.of({ ...refusal, count })];
    await decide(this.ledger, auditStream, '', decision, { actor: trainerActor(refusal.trainer) });
  }
}
