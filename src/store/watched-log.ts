import {
  Log,
  type Expected,
  type Filter,
  type ReadOptions,
  type Receipt,
  type Recorded,
  type SubscribeOptions,
} from '#ledger/log.js';
import type { Clock } from '#ledger/ports.js';
import type { Proposed } from '#ledger/record.js';

/** A log whose appends are timed; remembers whether the disk took the last one. */
export class WatchedLog extends Log {
  private refusal: string | null = null;
  private hear: (elapsedMs: number) => void = () => undefined;

  constructor(
    private readonly log: Log,
    private readonly clock: Clock,
  ) {
    super();
  }

  /** Why the disk refused the last append; null when it took it. */
  get unwritable(): string | null {
    return this.refusal;
  }

  onAppend(hear: (elapsedMs: number) => void): void {
    this.hear = hear;
  }

  async append(stream: string, expected: Expected, events: readonly Proposed[]): Promise<Receipt> {
    const from = this.clock.elapsedMs();
    try {
      const receipt = await this.log.append(stream, expected, events);
      this.refusal = null;
      this.hear(this.clock.elapsedMs() - from);
      return receipt;
    } catch (error) {
      if (error instanceof Error && error.name === 'LogUnwritable') this.refusal = error.message;
      throw error;
    }
  }

  readStream(stream: string, options?: ReadOptions): AsyncIterable<Recorded> {
    return this.log.readStream(stream, options);
  }

  readAll(options?: ReadOptions & Filter): AsyncIterable<Recorded> {
    return this.log.readAll(options);
  }

  subscribe(options: SubscribeOptions): AsyncIterable<Recorded> {
    return this.log.subscribe(options);
  }

  withId(id: string): Promise<Recorded | undefined> {
    return this.log.withId(id);
  }

  override hasWriter(): boolean {
    return this.log.hasWriter();
  }

  override trouble(): string | null {
    return this.log.trouble();
  }

  close(): Promise<void> {
    return this.log.close();
  }
}
