import { EventEmitter } from 'node:events';

/** How far long work on a run is. Passing by: it is in no log, and only the latest word of a run is kept. */
export type ProgressTold = Readonly<{
  run: string;
  /** 0 while the base is trained. */
  cycle: number;
  what: string;
  /** Of training: optimiser steps done and in all, tokens so far and per second; null of other work. */
  step: number | null;
  steps: number | null;
  tokens: number | null;
  tokensPerSecond: number | null;
}>;

/** Runs whose last word is kept for whoever connects later. */
const MOST_RUNS = 1000;

/** Hands progress on to whoever listens now. */
export class ProgressFeed {
  private readonly told = new EventEmitter().setMaxListeners(0);
  private readonly latest = new Map<string, ProgressTold>();

  tell(progress: ProgressTold): void {
    this.latest.delete(progress.run);
    this.latest.set(progress.run, progress);
    const [oldest] = this.latest.keys();
    if (this.latest.size > MOST_RUNS && oldest !== undefined) this.latest.delete(oldest);
    this.told.emit('told', progress);
  }

  /** The last word of every run. */
  last(): readonly ProgressTold[] {
    return [...this.latest.values()];
  }

  /** Returns how to end listening. */
  listen(hear: (progress: ProgressTold) => void): () => void {
    this.told.on('told', hear);
    return () => void this.told.off('told', hear);
  }
}
