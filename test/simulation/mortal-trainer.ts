import { Trainer, type Order, type TrainerFacts, type Training } from '#trainer/trainer.js';

/** Goes away in the middle of the updates of these numbers (1-based), as a killed process does: nothing more is written. */
export class MortalTrainer extends Trainer {
  private updates = 0;

  constructor(
    private readonly inner: Trainer,
    private readonly fatal: readonly number[],
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
    this.updates += 1;
    if (!this.fatal.includes(this.updates)) return this.inner.train(order, training);
    await training.onClaimed({ trainer: 'mortal', ...this.facts(), contract: 'nc-1' });
    throw new Error('killed');
  }
}
