import type { ProgressFeed } from '#doors/progress-feed.js';
import type { Progress } from '#trainer/trainer.js';
import { LoopListener } from './loop-ports.js';

/** Passes on what long work is doing to those who look on from outside. */
export class FeedListener extends LoopListener {
  constructor(private readonly feed: ProgressFeed) {
    super();
  }

  training(run: string, cycle: number, { step, steps, tokens, tokensPerSecond }: Progress): void {
    this.feed.tell({ run, cycle, what: 'training', step, steps, tokens, tokensPerSecond });
  }

  working(run: string, cycle: number, what: string): void {
    this.feed.tell({ run, cycle, what, step: null, steps: null, tokens: null, tokensPerSecond: null });
  }
}
