import { headOf, type Filter, type Log, type Recorded } from '#ledger/log.js';

/** Reads a log on from where the last reading ended, one reading at a time, and hands on what the filter lets through. */
export class ReadingOn {
  private position = 0;
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly log: Log,
    private readonly filter: Filter,
    private readonly take: (recorded: Recorded) => void,
  ) {}

  /** Resolves when everything that the log held at the call was handed on. @throws LogDamaged, LogClosed */
  upToNow(): Promise<void> {
    const read = this.turn.then(() => this.readOn());
    this.turn = read.catch(() => undefined);
    return read;
  }

  private async readOn(): Promise<void> {
    const head = await headOf(this.log);
    if (head <= this.position) return;
    for await (const recorded of this.log.readAll({ ...this.filter, from: this.position + 1 })) {
      this.take(recorded);
      this.position = recorded.position;
    }
    // What the filter held back too is behind us: else it would be looked through at every question.
    this.position = Math.max(this.position, head);
  }
}
