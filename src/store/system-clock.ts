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
