import { createContext, useContext, useEffect, useRef, useState } from 'react';
import type { ProgressTold } from '#doors/progress-feed.js';
import { timeNow } from './browser-clock.js';
import { open } from './client.js';
import { eventsOf, type Told } from './told-events.js';

/** `gone`: the service does not answer, and is asked again. */
export type FeedState = 'connecting' | 'live' | 'gone';

export type Feed = Readonly<{
  state: FeedState;
  /** When the service last said something, as the reader's clock shows it. */
  heardAt: string | undefined;
  /** What each run is busy with now. */
  progress: Readonly<Record<string, ProgressTold>>;
  /** How often something new was recorded: of a stream, or of any under the empty name. */
  versions: Readonly<Record<string, number>>;
  /** How often a lost connection was taken up again: something may have been missed of everything. */
  resumed: number;
  retry: () => void;
}>;

const NOTHING_YET: Feed = {
  state: 'connecting',
  heardAt: undefined,
  progress: {},
  versions: {},
  resumed: 0,
  retry: () => undefined,
};

export const FeedContext = createContext<Feed>(NOTHING_YET);

/** Rises with every record of a stream (of the whole log without a name): ask again when it does. */
export const useVersion = (stream = ''): number => {
  const { versions, resumed } = useContext(FeedContext);
  return (versions[stream] ?? 0) + resumed;
};
export const useProgress = (run: string): ProgressTold | undefined => useContext(FeedContext).progress[run];
export const useFeed = (): Feed => useContext(FeedContext);

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
/** Records come in bursts; the page asks again once a burst. */
const BURST_MS = 400;

type Change = (change: (before: Feed) => Feed) => void;

const raised = (versions: Feed['versions'], streams: ReadonlySet<string>): Feed['versions'] => {
  const next = { ...versions };
  for (const stream of streams) next[stream] = (next[stream] ?? 0) + 1;
  return next;
};

/** Gathers the streams that were written to and tells of them together. */
class Burst {
  private readonly streams = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly change: Change) {}

  add(stream: string): void {
    this.streams.add('').add(stream);
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      const told = new Set(this.streams);
      this.streams.clear();
      this.change((before) => ({ ...before, versions: raised(before.versions, told) }));
    }, BURST_MS);
  }

  stop(): void {
    clearTimeout(this.timer);
  }
}

const hear = ({ kind, data }: Told, burst: Burst, change: Change): void => {
  if (kind === 'record') burst.add(String((data as { stream?: unknown }).stream ?? ''));
  if (kind === 'progress') {
    const told = data as ProgressTold;
    change((before) => ({ ...before, progress: { ...before.progress, [told.run]: told } }));
  }
};

/** Listens until the signal aborts; answers when the service ends the stream. */
const listen = async (burst: Burst, change: Change, signal: AbortSignal): Promise<void> => {
  const response = await open('v1/events', signal, 'text/event-stream');
  change((before) => {
    const resumed = before.state === 'gone' ? before.resumed + 1 : before.resumed;
    return { ...before, state: 'live', heardAt: timeNow(), resumed };
  });
  for await (const told of eventsOf(response)) {
    hear(told, burst, change);
    change((before) => ({ ...before, heardAt: timeNow() }));
  }
};

const pause = (elapsedMs: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, elapsedMs);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

/** The service's events for the whole page. A lost connection is taken up again, later each time up to ten seconds. */
export const useLiveFeed = (): Feed => {
  const [feed, setFeed] = useState<Feed>(NOTHING_YET);
  const [tries, setTries] = useState(0);
  const wait = useRef(FIRST_WAIT_MS);
  useEffect(() => {
    const stop = new AbortController();
    const change: Change = (made) => {
      if (!stop.signal.aborted) setFeed(made);
    };
    const burst = new Burst(change);
    const goOn = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        await listen(burst, change, stop.signal).then(
          () => (wait.current = FIRST_WAIT_MS),
          () => (wait.current = Math.min(wait.current * 2, LONGEST_WAIT_MS)),
        );
        change((before) => ({ ...before, state: 'gone', progress: {} }));
        await pause(wait.current, stop.signal);
      }
    };
    void goOn();
    return () => {
      stop.abort();
      burst.stop();
    };
  }, [tries]);
  const [retry] = useState(() => (): void => {
    wait.current = FIRST_WAIT_MS;
    setTries((before) => before + 1);
  });
  return { ...feed, retry };
};
