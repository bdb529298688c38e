import { Clock } from '#ledger/ports.js';

/** The machine's clock. */
export class SystemClock extends Clock {
  now(): string {
    return new Date().toISOString();
  }

  elapsedMs(): number {
    return performance.now();
  }
}
