import type { Figures, Reading } from '#doors/figures.js';
import { ReadingOn } from '#doors/reading-on.js';
import { decode } from '#ledger/ledger.js';
import type { Log, Recorded } from '#ledger/log.js';
import { runEvents, type DataOf } from './domain/events.js';
import { runStream } from './domain/run.js';

const PREFIX = `${runStream.name}-`;
const TYPES = [
  'RunStarted',
  'RunHalted',
  'RunResumed',
  'RunCompleted',
  'VerdictReached',
  'CandidatePromoted',
  'ChampionRolledBack',
  'UpdateRequested',
  'UpdateProduced',
  'UpdateAborted',
];
/** Runs that are shown one by one: the latest. */
const MOST_RUNS = 200;

type Seen = {
  status: 'running' | 'halted' | 'completed';
  root: string;
  alphaLeft: number;
  champion: string;
  /** By checkpoint: how much worse than the anchor its general quality is, as a share. */
  degradations: Map<string, number>;
  training: boolean;
};

/** The share by which general text is predicted worse than by the anchor; undefined when no rule read it. */
const degradationOf = ({ reasons }: DataOf<'VerdictReached'>): number | undefined => {
  const read = reasons.find(
    ({ paired }) => paired?.reference === 'anchor' && paired.measure === 'bits-per-byte' && paired.estimate !== null,
  )?.paired;
  return read ? -(read.estimate ?? 0) / read.referenceMean : undefined;
};

/** What the log says of its runs in a few numbers; read on from where the last question ended. */
export class RunFigures {
  private readonly runs = new Map<string, Seen>();
  private readonly verdicts = new Map<string, number>();
  private readonly reading: ReadingOn;

  constructor(log: Log) {
    const filter = { streamPrefix: PREFIX, types: TYPES };
    this.reading = new ReadingOn(log, filter, (recorded) => this.take(recorded));
  }

  addTo(figures: Figures): void {
    figures.add({
      name: 'ledger_runs',
      help: 'runs by status',
      labels: ['status'],
      read: () => this.read(() => this.byStatus()),
    });
    figures.add({
      name: 'ledger_verdicts',
      help: 'verdicts by kind, of all runs',
      labels: ['verdict'],
      read: () => this.read(() => [...this.verdicts].map(([verdict, value]) => ({ labels: { verdict }, value }))),
    });
    figures.add({
      name: 'ledger_alpha_left',
      help: 'error budget left to the lineage of a run, as of its last verdict',
      labels: ['run', 'lineage'],
      read: () => this.read(() => this.byRun(({ alphaLeft }) => alphaLeft)),
    });
    figures.add({
      name: 'ledger_champion_degradation_ratio',
      help: 'how much worse than the anchor the champion predicts general text, as a share of bits per byte',
      labels: ['run', 'lineage'],
      read: () => this.read(() => this.byRun(({ degradations, champion }) => degradations.get(champion) ?? 0)),
    });
    figures.add({
      name: 'ledger_open_updates',
      help: 'updates that are requested and neither produced nor aborted',
      read: () => this.read(() => [{ value: [...this.runs.values()].filter(({ training }) => training).length }]),
    });
  }

  private async read(show: () => readonly Reading[]): Promise<readonly Reading[]> {
    await this.reading.upToNow().catch(() => undefined);
    return show();
  }

  private take({ record }: Recorded): void {
    const event = decode(runEvents, record);
    const name = record.stream.slice(PREFIX.length);
    if (event.type === 'RunStarted')
      this.runs.set(name, {
        status: 'running',
        root: event.data.lineage.root,
        alphaLeft: Number.NaN,
        champion: '',
        degradations: new Map(),
        training: false,
      });
    const run = this.runs.get(name);
    if (run) this.change(run, event);
  }

  private change(run: Seen, event: ReturnType<typeof decode<(typeof runEvents)[number]>>): void {
    switch (event.type) {
      case 'RunHalted':
        run.status = 'halted';
        break;
      case 'RunResumed':
        run.status = 'running';
        break;
      case 'RunCompleted':
        run.status = 'completed';
        break;
      case 'UpdateRequested':
        run.training = true;
        break;
      case 'UpdateProduced':
      case 'UpdateAborted':
        run.training = false;
        break;
      case 'CandidatePromoted':
        run.champion = event.data.champion;
        break;
      case 'ChampionRolledBack':
        run.champion = event.data.to;
        break;
      case 'VerdictReached': {
        const { verdict, alphaLeft, candidate } = event.data;
        this.verdicts.set(verdict, (this.verdicts.get(verdict) ?? 0) + 1);
        run.alphaLeft = alphaLeft;
        const degradation = degradationOf(event.data);
        if (degradation !== undefined) run.degradations.set(candidate, degradation);
        break;
      }
      default:
    }
  }

  private byStatus(): readonly Reading[] {
    const count = (status: Seen['status']): number =>
      [...this.runs.values()].filter((run) => run.status === status).length;
    return (['running', 'halted', 'completed'] as const).map((status) => ({
      labels: { status },
      value: count(status),
    }));
  }

  private byRun(value: (run: Seen) => number): readonly Reading[] {
    return [...this.runs]
      .slice(-MOST_RUNS)
      .map(([run, seen]) => ({ labels: { run, lineage: seen.root }, value: value(seen) }));
  }
}
