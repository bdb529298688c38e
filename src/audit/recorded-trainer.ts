import type { Record } from '#ledger/record.js';
import { runEvents } from '#run/domain/events.js';
import { decode } from '#ledger/ledger.js';
import { isInterruption } from '#run/domain/cycle.js';
import { Trainer, UpdateFailed, type Order, type TrainerFacts, type Training } from '#trainer/trainer.js';

type Update = Readonly<{
  claimant: Parameters<Training['onClaimed']>[0];
  outcome: Readonly<{ candidate: string; steps: number; tokens: number }> | UpdateFailed;
}>;

/** What the record says of updates that nobody can train again: by cycle, their candidate or why there was none. */
export const takenUpdates = (records: readonly Record[]): ReadonlyMap<number, Update> => {
  const claimants = new Map<string, Update['claimant']>();
  const taken = new Map<number, Update>();
  for (const event of records.map((record) => decode(runEvents, record))) {
    if (event.type === 'UpdateStarted') {
      const { attempt, ...claimant } = event.data.env;
      if (claimant.contract === null) claimants.set(`${event.data.cycle}/${attempt}`, claimant);
    }
    if (event.type !== 'UpdateProduced' && event.type !== 'UpdateAborted') continue;
    const claimant = claimants.get(`${event.data.cycle}/${event.data.env.attempt}`);
    if (!claimant) continue;
    if (event.type === 'UpdateProduced') taken.set(event.data.cycle, { claimant, outcome: event.data });
    else if (!isInterruption(event.data) && event.data.reason !== 'rolled-back') {
      const { reason, step, message, cycle } = event.data;
      const failure = new UpdateFailed(reason as UpdateFailed['reason'], step, message);
      taken.set(cycle, { claimant, outcome: failure });
    }
  }
  return taken;
};

/** Hands out the candidates of updates that cannot be trained again, and has all others trained. */
export class RecordedTrainer extends Trainer {
  constructor(
    private readonly inner: Trainer,
    private readonly taken: ReadonlyMap<number, Update>,
  ) {
    super();
  }

  facts(): TrainerFacts {
    return this.inner.facts();
  }

  adopts(order: Order): boolean {
    return this.inner.adopts(order);
  }

  async train(order: Order, training: Training): Promise<void> {
    const update = this.taken.get(order.cycle);
    if (!update) return this.inner.train(order, training);
    await training.onClaimed(update.claimant);
    if (update.outcome instanceof UpdateFailed) throw update.outcome;
    const { candidate, steps, tokens } = update.outcome;
    await training.onTrained({ candidate, steps, tokens, receipt: null, elapsedMs: 0 });
  }
}
