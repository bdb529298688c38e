import type { OnApplicationBootstrap } from '@nestjs/common';
import { decode } from '#ledger/ledger.js';
import type { Log, Recorded } from '#ledger/log.js';
import { runEvents } from '#run/domain/events.js';
import { runStream } from '#run/domain/run.js';
import { suiteEvents } from '#suite/domain/events.js';
import { ReadingOn } from './reading-on.js';

const TYPES = [
  'ProbeSuiteSealed',
  'RunStarted',
  'RunCompleted',
  'ProbesRecorded',
  'CalibrationMeasured',
  'RollbackVerified',
];
const KNOWN = [...suiteEvents, ...runEvents];
const PREFIX = `${runStream.name}-`;

/** Why an artifact is under seal, and which runs must be completed before it may be looked at. */
export type Sealing = Readonly<{ what: string; suite: string; openRuns: readonly string[]; used: boolean }>;

/**
 * Which artifacts would give away what a candidate is judged by: the items of gate, shadow and report suites, and the
 * results item by item of probes on them. Read on from the log at every question.
 */
export class SealedArtifacts implements OnApplicationBootstrap {
  /** By artifact: what it is, of which suite. */
  private readonly kept = new Map<string, Readonly<{ what: string; suite: string }>>();
  /** By suite: the runs that use it. */
  private readonly users = new Map<string, Set<string>>();
  private readonly completed = new Set<string>();
  private readonly open = new Set<string>();
  private readonly reading: ReadingOn;

  constructor(log: Log) {
    this.reading = new ReadingOn(log, { types: TYPES }, (recorded) => this.take(recorded));
  }

  /** Begins at once, so that the first question need not wait for the whole log. */
  onApplicationBootstrap(): void {
    void this.reading.upToNow().catch(() => undefined);
  }

  /** Undefined for an artifact that is not kept from anybody. */
  async sealing(artifact: string): Promise<Sealing | undefined> {
    await this.reading.upToNow();
    const found = this.kept.get(artifact);
    if (!found) return undefined;
    const users = [...(this.users.get(found.suite) ?? [])];
    return { ...found, openRuns: users.filter((run) => !this.completed.has(run)), used: users.length > 0 };
  }

  private take({ record }: Recorded): void {
    const event = decode(KNOWN, record);
    const run = record.stream.slice(PREFIX.length);
    switch (event.type) {
      case 'ProbeSuiteSealed': {
        const { role, suite, itemsArtifact, unitsArtifact } = event.data;
        if (role === 'scout') this.open.add(suite);
        else
          for (const artifact of [itemsArtifact, unitsArtifact])
            this.keep(artifact, `items of the ${role} suite`, suite);
        break;
      }
      case 'RunStarted': {
        const { gate, shadow, report } = event.data.config.suites;
        for (const suite of [gate, shadow, report])
          this.users.set(suite, (this.users.get(suite) ?? new Set()).add(run));
        break;
      }
      case 'ProbesRecorded':
        this.keep(event.data.results, `results by item on the ${event.data.role} suite`, event.data.suite);
        break;
      case 'CalibrationMeasured':
        this.keep(event.data.results, 'calibration by document of the gate suite', event.data.suite);
        break;
      case 'RollbackVerified':
        this.keep(event.data.results, 'results by item of a rollback', event.data.suite);
        break;
      case 'RunCompleted':
        this.completed.add(run);
        break;
      default:
    }
  }

  private keep(artifact: string | null, what: string, suite: string): void {
    if (artifact !== null && !this.open.has(suite)) this.kept.set(artifact, { what, suite });
  }
}
