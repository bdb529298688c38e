import { Clock } from '#ledger/ports.js';

/** The machine's clock. */
export class SystemClock extends Clock {
  now(): string {
    return new Date().toISOString();
  }

  after(time: string, durationMs: number): string {
    return new Date(Date.parse(time) + durationMs).toISOString();
  }

  elapsedMs(): number {
    return performance.now();
  }
}

/** POSIX time in whole seconds, as a witness says when it saw a checkpoint. */
export const posixSeconds = (): number => Math.floor(Date.now() / 1000);
