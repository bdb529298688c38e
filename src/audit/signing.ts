import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '#ledger/log.js';
import type { Notary } from './notary.js';

/** Signs what the log has grown by, every so often, as long as a service runs. */
export class Signing {
  /** Why nothing can be signed; null while it can. */
  error: string | null = null;
  private readonly closing = new AbortController();
  private running: Promise<void> | undefined;

  constructor(
    private readonly notary: Notary,
    private readonly log: Log,
    private readonly everyMs: number,
  ) {}

  start(): void {
    this.running ??= this.run();
  }

  async stop(): Promise<void> {
    this.closing.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    while (!signal.aborted) {
      try {
        await this.notary.advance(this.log);
        this.error = null;
      } catch (error) {
        this.error = error instanceof Error ? error.message : String(error);
      }
      await pause(this.everyMs, undefined, { signal }).catch(() => undefined);
    }
  }
}
