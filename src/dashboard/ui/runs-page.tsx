import { useState, type ReactNode } from 'react';
import { useAnswer } from './asking.js';
import { questions, type RunView } from './client.js';
import { figure, plural } from './figures.js';
import { useProgress, useVersion } from './live-feed.js';
import { Answer, Badge, DataTable, Empty, Hash, When, type Column } from './parts.js';
import { progressSentence } from './progress-words.js';
import { links } from './routes.js';
import { statusSaid } from './words.js';

/** The state of a run, and what it is busy with now. */
const State = ({ run }: Readonly<{ run: RunView }>): ReactNode => {
  const progress = useProgress(run.run);
  return (
    <>
      <Badge said={statusSaid(run.status)} />
      {run.status === 'running' && (
        <span className="muted doing">{progress ? progressSentence(progress) : 'waiting for the next step'}</span>
      )}
    </>
  );
};

const COLUMNS: readonly Column<RunView>[] = [
  { head: 'Run', heads: true, cell: ({ run }) => <a href={links.run(run)}>{run}</a> },
  { head: 'State', cell: (run) => <State run={run} /> },
  {
    head: 'Cycles closed',
    right: true,
    cell: ({ cyclesClosed, cyclesPlanned }) => `${cyclesClosed} of ${cyclesPlanned}`,
  },
  { head: 'Accepted', right: true, cell: ({ accepted }) => accepted },
  { head: 'Rejected', right: true, cell: ({ rejected }) => rejected },
  { head: 'Not settled', right: true, cell: ({ inconclusive }) => inconclusive },
  {
    head: 'Live model',
    cell: ({ champion }) => (champion ? <Hash of={champion.checkpoint} /> : <span className="muted">none yet</span>),
  },
  { head: 'Alpha left', right: true, cell: ({ alphaLeft }) => (alphaLeft === null ? 'all' : figure(alphaLeft)) },
  { head: 'Last event', cell: ({ updatedAt }) => <When at={updatedAt} /> },
];

const NoRuns = (): ReactNode => (
  <Empty>
    <h2>There is no run yet</h2>
    <p>A run appears here by itself as soon as one is started. In a terminal:</p>
    <pre>
      <code>{`prometheus-ledger run init my.yaml\nprometheus-ledger run start my.yaml`}</code>
    </pre>
  </Empty>
);

export const RunsPage = (): ReactNode => {
  const version = useVersion();
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const cursor = cursors.at(-1);
  const asked = useAnswer(questions.runs(cursor), cursor === undefined ? version : 0);
  return (
    <>
      <h1>Runs</h1>
      <p className="lead">
        In a run, one model changes in small steps called cycles. Every changed model is a candidate, and a gate with
        rules fixed beforehand decides whether it takes the place of the model that is live.
      </p>
      <Answer asked={asked} what="the runs" lines={6}>
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <NoRuns />
          ) : (
            <>
              <p className="says">
                {plural(items.length, 'run')}, the newest first. Alpha is the chance of error that the gate may still
                use up.
              </p>
              <DataTable caption="Runs" columns={COLUMNS} rows={items} keyOf={({ run }) => run} />
              <p className="pager">
                {cursors.length > 0 && (
                  <button type="button" onClick={() => setCursors(cursors.slice(0, -1))}>
                    Newer runs
                  </button>
                )}
                {nextCursor !== null && (
                  <button type="button" onClick={() => setCursors([...cursors, nextCursor])}>
                    Older runs
                  </button>
                )}
              </p>
            </>
          )
        }
      </Answer>
    </>
  );
};
