import { decode } from '#ledger/ledger.js';
import type { Log, Recorded } from '#ledger/log.js';
import { runEvents } from '#run/domain/events.js';
import { runStream } from '#run/domain/run.js';
import { suiteEvents } from '#suite/domain/events.js';

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
export class SealedArtifacts {
  /** By artifact: what it is, of which suite. */
  private readonly kept = new Map<string, Readonly<{ what: string; suite: string }>>();
  /** By suite: the runs that use it. */
  private readonly users = new Map<string, Set<string>>();
  private readonly completed = new Set<string>();
  private readonly open = new Set<string>();
  private position = 0;
  private turn: Promise<void> = Promise.resolve();

  constructor(private readonly log: Log) {}

  /** Undefined for an artifact that is not kept from anybody. */
  async sealing(artifact: string): Promise<Sealing | undefined> {
    const read = this.turn.then(() => this.readOn());
    this.turn = read.catch(() => undefined);
    await read;
    const found = this.kept.get(artifact);
    if (!found) return undefined;
    const users = [...(this.users.get(found.suite) ?? [])];
    return { ...found, openRuns: users.filter((run) => !this.completed.has(run)), used: users.length > 0 };
  }

  private async readOn(): Promise<void> {
    for await (const recorded of this.log.readAll({ types: TYPES, from: this.position + 1 })) this.take(recorded);
  }

  private take({ position, record }: Recorded): void {
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
    this.position = position;
  }

  private keep(artifact: string | null, what: string, suite: string): void {
    if (artifact !== null && !this.open.has(suite)) this.kept.set(artifact, { what, suite });
  }
}
