import type { NativeTrainer } from '#trainer/train-natively.js';
import { Trainer, type Order, type TrainerFacts, type Training } from '#trainer/trainer.js';

/** Makes a candidate of the champion that an update begins from. */
export type Making = (champion: Uint8Array, order: Order, training: Training) => Promise<Uint8Array>;

/** Trains the base, and hands over as every later update what somebody made of the champion, under no contract. */
export class MakingTrainer extends Trainer {
  constructor(
    private readonly inner: NativeTrainer,
    private readonly making: Making,
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
    const { initial, steps, batch } = order.plan;
    if (!('checkpoint' in initial)) return this.inner.train(order, training);
    const { artifacts, onClaimed, onTrained } = training;
    await onClaimed({ ...this.inner.claimant('maker'), contract: null });
    const bytes = await this.making(await artifacts.get(initial.checkpoint), order, training);
    return onTrained({
      candidate: await artifacts.put(bytes),
      steps,
      tokens: steps * batch,
      elapsedMs: 0,
      receipt: null,
    });
  }
}
