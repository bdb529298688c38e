import { streamName } from '#ledger/ledger.js';
import type { Log, Recorded } from '#ledger/log.js';
import { runStream } from '#run/domain/run.js';
import { logRecord } from './log.view.js';
import type { ProgressFeed, ProgressTold } from './progress-feed.js';

const HEARTBEAT_MS = 15_000;
const RECONNECT_MS = 2000;

export type Following = Readonly<{
  /** Records after this position come first. */
  after: number;
  /** Only of this run; undefined: of everything. */
  run: string | undefined;
  signal: AbortSignal;
}>;

/** Wakes whoever waits, or whoever waits next. */
class Bell {
  private rung = false;
  private answer: (() => void) | undefined;

  readonly ring = (): void => {
    this.rung = true;
    this.answer?.();
  };

  async wait(): Promise<void> {
    if (!this.rung) await new Promise<void>((resolve) => (this.answer = resolve));
    this.rung = false;
    this.answer = undefined;
  }
}

/** The next record of the log, asked for only when the one before was taken. */
class Records {
  private arrived: IteratorResult<Recorded> | undefined;
  private failure: unknown;

  constructor(
    private readonly source: AsyncIterator<Recorded>,
    private readonly ring: () => void,
  ) {
    this.ask();
  }

  /** Undefined when none has come yet. @throws what reading throws */
  take(): IteratorResult<Recorded> | undefined {
    if (this.failure !== undefined) throw this.failure;
    const { arrived } = this;
    this.arrived = undefined;
    if (arrived && !arrived.done) this.ask();
    return arrived;
  }

  async close(): Promise<void> {
    await this.source.return?.();
  }

  private ask(): void {
    const hear = (arrived: IteratorResult<Recorded>): void => void (this.arrived = arrived);
    const fail = (error: unknown): void => void (this.failure = error ?? new Error('the log ended'));
    void this.source.next().then(hear, fail).then(this.ring);
  }
}

const recordMessage = (recorded: Recorded): string =>
  `id: ${recorded.position}\nevent: record\ndata: ${JSON.stringify(logRecord(recorded))}\n\n`;
const progressMessage = (progress: ProgressTold): string => `event: progress\ndata: ${JSON.stringify(progress)}\n\n`;

const isEnd = (error: unknown, signal: AbortSignal): boolean =>
  signal.aborted || (error instanceof Error && error.name === 'LogClosed');

/**
 * Server-Sent Events: `record` for each record of the log, `progress` for what passes by, a comment now and then so that
 * a lost connection is noticed. Nothing is read from the log before the reader has taken what was read before, and of
 * progress only the latest word of each run is kept: a slow reader misses words, not memory.
 */
export async function* eventStream(
  log: Log,
  feed: ProgressFeed,
  { after, run, signal }: Following,
): AsyncGenerator<string> {
  const stream = run === undefined ? undefined : streamName(runStream, run);
  const bell = new Bell();
  const untold = new Map<string, ProgressTold>();
  const hear = (progress: ProgressTold): void => {
    if (run !== undefined && progress.run !== run) return;
    untold.set(progress.run, progress);
    bell.ring();
  };
  for (const progress of feed.last()) hear(progress);
  const unlisten = feed.listen(hear);
  let silent = false;
  const heart = setInterval(() => {
    silent = true;
    bell.ring();
  }, HEARTBEAT_MS).unref();
  signal.addEventListener('abort', bell.ring, { once: true });
  const done = new AbortController();
  const until = AbortSignal.any([signal, done.signal]);
  const options = { after, signal: until, ...(stream !== undefined && { streamPrefix: stream }) };
  const records = new Records(log.subscribe(options)[Symbol.asyncIterator](), bell.ring);
  try {
    yield `retry: ${RECONNECT_MS}\n\n`;
    while (!signal.aborted) {
      for (let come = records.take(); come; come = records.take()) {
        if (come.done) return;
        silent = false;
        if (stream === undefined || come.value.record.stream === stream) yield recordMessage(come.value);
      }
      const words = [...untold.values()];
      untold.clear();
      if (words.length > 0) yield words.map(progressMessage).join('');
      else if (silent) yield ': still here\n\n';
      silent = false;
      if (!signal.aborted) await bell.wait();
    }
  } catch (error) {
    if (!isEnd(error, signal)) throw error;
  } finally {
    unlisten();
    clearInterval(heart);
    signal.removeEventListener('abort', bell.ring);
    done.abort();
    await records.close();
  }
}
