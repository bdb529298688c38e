import { decode, streamName } from '#ledger/ledger.js';
import type { Log, Recorded } from '#ledger/log.js';
import { runEvents } from '#run/domain/events.js';
import { runStream, type Run, type Started } from '#run/domain/run.js';
import type { Application } from './application.js';
import { Narrator } from './narrator.js';
import type { Screen } from './screen.js';
import type { Session } from './session.js';

/** What is told of a cycle beneath its heading. */
const IN_CYCLE: ReadonlySet<string> = new Set([
  'UpdateProduced',
  'CandidateInterpolated',
  'UpdateAborted',
  'VerdictReached',
  'CycleRecovered',
]);

/** Follows one run's stream in the log and says what each event means. `run start`, `run watch` and `demo` are this. */
export class RunStory {
  private readonly narrator: Narrator;
  private readonly stream: string;
  private next = 0;
  private position = 0;
  /** Something was passed over that the reader is to be reminded of. */
  private passedOver = false;

  constructor(
    private readonly log: Log,
    run: string,
    private readonly screen: Screen,
  ) {
    this.stream = streamName(runStream, run);
    this.narrator = new Narrator(screen.columns, (tone, text) => screen.tint(tone, text));
  }

  get run(): Run {
    return this.narrator.state;
  }

  /** Reads what is new and tells it; `silently` for what the reader knows already. */
  async catchUp({ silently = false } = {}): Promise<void> {
    for await (const recorded of this.log.readStream(this.stream, { from: this.next })) this.take(recorded, silently);
  }

  /** Tells events as they come until `done` or the signal ends it; `silently`: only takes them in. */
  async follow(
    signal: AbortSignal,
    done: (run: Run) => boolean = () => false,
    { silently = false } = {},
  ): Promise<void> {
    if (done(this.run)) return;
    for await (const recorded of this.log.subscribe({ streamPrefix: this.stream, after: this.position, signal })) {
      if (recorded.record.stream !== this.stream) continue;
      this.take(recorded, silently);
      if (done(this.run)) return;
    }
  }

  private take({ position, record }: Recorded, silently: boolean): void {
    this.position = Math.max(this.position, position);
    if (record.revision < this.next) return;
    this.next = record.revision + 1;
    const event = decode(runEvents, record);
    const recalled = this.passedOver && !silently && IN_CYCLE.has(event.type) ? this.narrator.recall() : [];
    const lines = this.narrator.tell(event);
    if (silently) this.passedOver = true;
    if (silently || lines.length === 0) return;
    this.passedOver = false;
    this.screen.say(...recalled, ...lines);
  }
}

export type Advanced = Readonly<{ run: Started; interrupted: boolean }>;

/** Takes the run as far as it goes, telling it; an interrupt stops it at the next step boundary. */
export const advanceTold = async (session: Session, app: Application, id: string, known = false): Promise<Advanced> => {
  const { AdvanceRun } = await import('#loop/advance-run.js');
  const story = new RunStory(app.log, id, session.screen);
  const stop = new AbortController();
  const ended = new AbortController();
  // Before the first word is said: whoever reads it may press Ctrl-C.
  const unlisten = session.surroundings.onInterrupt(() => {
    session.screen.say('', 'Stopping at the next step …');
    stop.abort();
  });
  await story.catchUp({ silently: known });
  const following = story.follow(ended.signal);
  try {
    const run = await app.send(new AdvanceRun(id, stop.signal));
    return { run, interrupted: stop.signal.aborted && run.status === 'running' };
  } finally {
    unlisten();
    ended.abort();
    await following;
    await story.catchUp();
  }
};

/** What to type after an interrupt. */
export const sayHowToGoOn = (session: Session, id: string, data?: string): void => {
  session.screen.say(
    '',
    'Stopped. Every finished step is in the log and nothing is lost. To go on:',
    `  ${session.commandLine(`run resume ${id}`, data)}`,
  );
};
