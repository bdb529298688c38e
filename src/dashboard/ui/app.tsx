import { Component, useEffect, useRef, useState, type ReactNode } from 'react';
import { CyclePage } from './cycle-page.js';
import { Failed } from './parts.js';
import { FeedContext, useLiveFeed, type Feed } from './live-feed.js';
import { DistillationPage } from './distillation-page.js';
import { DistillationsPage } from './distillations-page.js';
import { ExperimentPage } from './experiment-page.js';
import { ExperimentsPage } from './experiments-page.js';
import { LogBrowser } from './log-page.js';
import { RecordPage } from './record-page.js';
import { links, usePlace, type Place } from './routes.js';
import { RunPage } from './run-page.js';
import { RunsPage } from './runs-page.js';
import { applyTheme, chosenTheme, THEMES, type Theme } from './theme.js';
import { WordsPage } from './words-page.js';

const titleOf = (place: Place): string => {
  switch (place.at) {
    case 'runs':
      return 'Runs';
    case 'run':
      return `Run ${place.run}`;
    case 'cycle':
      return `Cycle ${place.cycle} of run ${place.run}`;
    case 'experiments':
      return 'Experiments';
    case 'experiment':
      return `Experiment ${place.experiment}`;
    case 'distillations':
      return 'Distillations';
    case 'distillation':
      return `Distillation ${place.distillation}`;
    case 'log':
      return 'Log';
    case 'record':
      return `Record ${place.position}`;
    case 'words':
      return 'Words';
    default:
      return 'Not here';
  }
};

const Shown = ({ place }: Readonly<{ place: Place }>): ReactNode => {
  switch (place.at) {
    case 'runs':
      return <RunsPage />;
    case 'run':
      return <RunPage run={place.run} />;
    case 'cycle':
      return <CyclePage run={place.run} cycle={place.cycle} />;
    case 'experiments':
      return <ExperimentsPage />;
    case 'experiment':
      return <ExperimentPage experiment={place.experiment} />;
    case 'distillations':
      return <DistillationsPage />;
    case 'distillation':
      return <DistillationPage distillation={place.distillation} />;
    case 'log':
      return <LogBrowser filter={place} />;
    case 'record':
      return <RecordPage position={place.position} />;
    case 'words':
      return <WordsPage />;
    default:
      return (
        <>
          <h1>Not here</h1>
          <p>
            There is no page at <code>{place.hash}</code>. <a href={links.runs}>All runs</a>
          </p>
        </>
      );
  }
};

const ThemeChoice = (): ReactNode => {
  const [theme, setTheme] = useState(chosenTheme);
  return (
    <label className="theme">
      <span>Colours</span>{' '}
      <select
        value={theme}
        onChange={({ target }) => {
          const chosen = target.value as Theme;
          setTheme(chosen);
          applyTheme(chosen);
        }}
      >
        {THEMES.map((each) => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </label>
  );
};

const SERVICE: Readonly<Record<Feed['state'], string>> = {
  connecting: 'Connecting',
  live: 'Live',
  gone: 'Not connected',
};

/** Which part of the page a place belongs to, where it is none itself. */
const ABOVE: Readonly<Record<string, string>> = {
  record: 'log',
  run: 'runs',
  cycle: 'runs',
  experiment: 'experiments',
  distillation: 'distillations',
};

const Header = ({ place, feed }: Readonly<{ place: Place; feed: Feed }>): ReactNode => {
  const here = ABOVE[place.at] ?? place.at;
  const item = (at: string, href: string, text: string): ReactNode => (
    <li>
      <a href={href} aria-current={here === at ? 'page' : undefined}>
        {text}
      </a>
    </li>
  );
  return (
    <header className="top">
      <a href={links.runs} className="name">
        Prometheus Ledger
      </a>
      <nav aria-label="Main">
        <ul>
          {item('runs', links.runs, 'Runs')}
          {item('experiments', links.experiments, 'Experiments')}
          {item('distillations', links.distillations, 'Distillations')}
          {item('log', links.log(), 'Log')}
          {item('words', links.words, 'Words')}
        </ul>
      </nav>
      <span className={`feed ${feed.state}`} title="Whether new records arrive by themselves">
        {SERVICE[feed.state]}
      </span>
      <ThemeChoice />
    </header>
  );
};

const GoneBanner = ({ feed }: Readonly<{ feed: Feed }>): ReactNode => (
  <div role="status" className="banner-room">
    {feed.state === 'gone' && (
      <div className="banner">
        <span>
          The service does not answer. What you see is as of {feed.heardAt ?? 'before'}; it is asked again every few
          seconds.
        </span>
        <button type="button" onClick={feed.retry}>
          Ask now
        </button>
      </div>
    )}
  </div>
);

/** What a fault of the page itself leaves standing: the frame, and what happened. */
class FaultBoundary extends Component<Readonly<{ children: ReactNode }>, Readonly<{ error?: Error }>> {
  override state: Readonly<{ error?: Error }> = {};
  static getDerivedStateFromError(error: Error): Readonly<{ error: Error }> {
    return { error };
  }
  override render(): ReactNode {
    const { error } = this.state;
    if (!error) return this.props.children;
    return <Failed error={error} again={() => window.location.reload()} what="This view" />;
  }
}

export const App = (): ReactNode => {
  const place = usePlace();
  const feed = useLiveFeed();
  const main = useRef<HTMLElement>(null);
  const moved = useRef(false);
  const key = place.at === 'log' ? 'log' : JSON.stringify(place);
  useEffect(() => {
    document.title = `${titleOf(place)} · Prometheus Ledger`;
    // A new place is begun at its top, by the keyboard and by a screen reader as well.
    if (moved.current) {
      main.current?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
    moved.current = true;
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key]);
  const skip = (): void => main.current?.focus();
  return (
    <FeedContext.Provider value={feed}>
      <button type="button" className="skip" onClick={skip}>
        Skip to the content
      </button>
      <Header place={place} feed={feed} />
      <GoneBanner feed={feed} />
      <main ref={main} tabIndex={-1}>
        <FaultBoundary key={key}>
          <Shown place={place} />
        </FaultBoundary>
      </main>
      <footer>
        Everything here is computed from the log of this service. <a href={links.words}>What the words mean</a>
      </footer>
    </FeedContext.Provider>
  );
};
