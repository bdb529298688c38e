import { sha256 } from '#ledger/digest.js';
import type { Plan } from '#trainer/domain/plan.js';
import type { NativeTrainer } from '#trainer/train-natively.js';
import { Trainer, type Order, type Trained, type TrainerFacts, type Training } from '#trainer/trainer.js';

/** What is done to every update but the base. */
export type Corruption = Readonly<{
  /** Trains something else than what was ordered. */
  plan?: (plan: Plan, training: Training) => Promise<Plan>;
  /** Hands over other weights than those that were trained. */
  weights?: (trained: Uint8Array) => Uint8Array;
  /** Whether it claims to follow the contract; if not, its word is all there is. */
  claims: 'nc-1' | null;
}>;

/** Somebody has been at the trainer: what it sends is well-formed, and not what was asked for. */
export class CorruptTrainer extends Trainer {
  constructor(
    readonly inner: NativeTrainer,
    private readonly corruption: Corruption,
  ) {
    super();
  }

  facts(): TrainerFacts {
    return this.inner.facts();
  }

  adopts(): boolean {
    return false;
  }

  async train(order: Order, training: Training): Promise<void> {
    if (order.cycle === 0) return this.inner.train(order, training);
    const { plan = async (asked) => asked, weights = (trained) => trained, claims } = this.corruption;
    await training.onClaimed({ ...this.inner.claimant('corrupt'), contract: claims });
    const { artifacts, onProgress, onTrained } = training;
    const trained = await this.inner.carryOut(await plan(order.plan, training), { artifacts, onProgress, signals: [] });
    const bytes = weights(await artifacts.get(trained.candidate));
    const candidate = await artifacts.put(bytes);
    if (candidate !== sha256(bytes)) throw new RangeError('the store names bytes by another hash');
    return onTrained(claims === null ? handedOver(trained, candidate) : { ...trained, candidate });
  }
}

const handedOver = ({ steps, tokens, elapsedMs }: Trained, candidate: string): Trained => ({
  candidate,
  steps,
  tokens,
  elapsedMs,
  receipt: null,
});
