import { useState, type ReactNode } from 'react';
import { useAnswer } from './asking.js';
import { questions, type DistillationView } from './client.js';
import { plural } from './figures.js';
import { useVersion } from './live-feed.js';
import { Answer, Badge, DataTable, Empty, type Column } from './parts.js';
import { links } from './routes.js';
import { distillationSaid } from './words.js';

const COLUMNS: readonly Column<DistillationView>[] = [
  {
    head: 'Distillation',
    heads: true,
    cell: ({ distillation }) => <a href={links.distillation(distillation)}>{distillation}</a>,
  },
  { head: 'State', cell: ({ status }) => <Badge said={distillationSaid(status)} /> },
  {
    head: 'Experiment',
    cell: ({ experiment }) =>
      experiment === null ? (
        <span className="muted">exploratory</span>
      ) : (
        <a href={links.experiment(experiment)}>{experiment}</a>
      ),
  },
  { head: 'Seed', right: true, cell: ({ config }) => config.seed },
  {
    head: 'Arms examined',
    right: true,
    cell: ({ arms }) => `${arms.filter(({ status }) => status === 'examined').length} of ${arms.length}`,
  },
  { head: 'Arms', cell: ({ arms }) => arms.map(({ arm }) => arm).join(', ') },
];

const NoDistillations = (): ReactNode => (
  <Empty>
    <h2>No distillation began yet</h2>
    <p>One appears here as soon as it is in the log. In a terminal, while no service has the data folder:</p>
    <pre>
      <code>prometheus-ledger distillation run my.yaml</code>
    </pre>
  </Empty>
);

/** Every distillation, whether it is of an experiment or not. */
export const DistillationsPage = (): ReactNode => {
  const version = useVersion();
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const cursor = cursors.at(-1);
  const asked = useAnswer(questions.distillations(cursor), version);
  return (
    <>
      <h1>Distillations</h1>
      <p className="lead">
        In a distillation, students learn from a teacher, one in each arm, and one learns without it. What they can do
        and how their hidden states look are measured apart.
      </p>
      <Answer asked={asked} what="the distillations" lines={8}>
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <NoDistillations />
          ) : (
            <>
              <p className="says">{plural(items.length, 'distillation')}, in the order of their beginnings.</p>
              <DataTable
                caption="Distillations"
                columns={COLUMNS}
                rows={items}
                keyOf={({ distillation }) => distillation}
              />
              <p className="pager">
                {cursors.length > 0 && (
                  <button type="button" onClick={() => setCursors(cursors.slice(0, -1))}>
                    Earlier ones
                  </button>
                )}
                {nextCursor !== null && (
                  <button type="button" onClick={() => setCursors([...cursors, nextCursor])}>
                    Later ones
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
