import { Clock } from '#ledger/ports.js';

/** A clock that only counts: every reading of either hand is one second after its last, the same in every execution. */
export class CountedClock extends Clock {
  private readings = 0;
  private elapsedReadings = 0;

  constructor(private readonly start = '2000-01-01T00:00:00.000Z') {
    super();
  }

  now(): string {
    return new Date(Date.parse(this.start) + 1000 * this.readings++).toISOString();
  }

  after(time: string, durationMs: number): string {
    return new Date(Date.parse(time) + durationMs).toISOString();
  }

  elapsedMs(): number {
    return 1000 * this.elapsedReadings++;
  }
}
