import { setTimeout as pause } from 'node:timers/promises';
import { headOf, type Recorded } from '#ledger/log.js';
import { runStream } from '#run/domain/run.js';
import type { LoopPorts } from './loop-ports.js';
import { PAUSES, RunDriver, type DriverState, type Pauses } from './run-driver.js';

/** Events after which a run may have something to do that it had not before. */
const WAKING = ['RunStarted', 'RunResumed', 'ChampionRolledBack', 'UpdateProduced', 'UpdateAborted', 'RunHalted'];
/** Events after which nobody wants the update that is being trained. */
const STOPPING = ['RunHalted', 'ChampionRolledBack'];
const PREFIX = `${runStream.name}-`;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Lets every run in the log go on by itself: one driver a run, several runs at once. */
export class LoopDriver {
  private readonly drivers = new Map<string, RunDriver>();
  private readonly rested = new Map<string, DriverState>();
  private readonly driving = new Set<Promise<void>>();
  private readonly closing = new AbortController();
  private following: Promise<void> | undefined;
  private failure: string | null = null;

  constructor(
    private readonly ports: LoopPorts,
    private readonly pauses: Pauses = PAUSES,
  ) {}

  /** Takes up every run that the log shows unfinished, then whatever comes. */
  start(): void {
    this.following ??= this.follow();
  }

  /** Resolves when every driver has stopped at the end of a step; the next start goes on from there. */
  async stop(): Promise<void> {
    this.closing.abort();
    await this.following;
    await Promise.all(this.driving);
  }

  /** Every run that is under way or halted; a completed one needs no driver. */
  states(): readonly DriverState[] {
    return [...[...this.drivers.values()].map(({ state }) => state), ...this.rested.values()];
  }

  /** Why the log cannot be followed; null while all is well. */
  get error(): string | null {
    return this.failure;
  }

  private async follow(): Promise<void> {
    const { signal } = this.closing;
    for (let failures = 0; !signal.aborted; failures += 1)
      try {
        const after = await this.takeUp();
        this.failure = null;
        for await (const recorded of this.ports.ledger.log.subscribe({
          streamPrefix: PREFIX,
          types: WAKING,
          after,
          signal,
        }))
          this.hear(recorded);
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.failure = `the log cannot be followed: ${messageOf(error)}`;
        const ms = Math.min(this.pauses.mostMs, this.pauses.firstMs * 2 ** failures);
        await pause(ms, undefined, { signal }).catch(() => undefined);
      }
  }

  /** Starts the drivers of unfinished runs; returns the position that was read up to. */
  private async takeUp(): Promise<number> {
    const { log } = this.ports.ledger;
    const head = await headOf(log);
    const open = new Set<string>();
    const types = ['RunStarted', 'ChampionRolledBack', 'RunCompleted'];
    for await (const { record } of log.readAll({ streamPrefix: PREFIX, types })) {
      open.delete(record.stream);
      if (record.type !== 'RunCompleted') open.add(record.stream);
    }
    for (const stream of open) this.drive(stream.slice(PREFIX.length));
    return head;
  }

  private hear({ record }: Recorded): void {
    const run = record.stream.slice(PREFIX.length);
    const driver = this.drivers.get(run);
    if (driver) driver.notice(record.revision, STOPPING.includes(record.type));
    else this.drive(run);
  }

  private drive(run: string): void {
    if (this.closing.signal.aborted || this.drivers.has(run)) return;
    const driver = new RunDriver(this.ports, run, this.closing.signal, this.pauses);
    this.rested.delete(run);
    this.drivers.set(run, driver);
    const driving = driver.drive().then(() => {
      this.drivers.delete(run);
      this.driving.delete(driving);
      if (driver.state.what !== 'completed') this.rested.set(run, driver.state);
      // What came between the last look at the log and this moment.
      if (driver.isWoken) this.drive(run);
    });
    this.driving.add(driving);
  }
}
