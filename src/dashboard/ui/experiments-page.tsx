import type { ReactNode } from 'react';
import { useAnswer } from './asking.js';
import { questions, type ExperimentView, type HypothesisView } from './client.js';
import { NOTHING, plural } from './figures.js';
import { useVersion } from './live-feed.js';
import { Answer, Badge, DataTable, Empty, type Column } from './parts.js';
import { links } from './routes.js';
import { hypothesisSaid } from './words.js';

const EXPERIMENTS: readonly Column<ExperimentView>[] = [
  {
    head: 'Experiment',
    heads: true,
    cell: ({ experiment }) => <a href={links.experiment(experiment)}>{experiment}</a>,
  },
  { head: 'Question', cell: ({ question }) => question },
  {
    head: 'Registered',
    right: true,
    cell: ({ position }) => <a href={links.record(position)}>record {position}</a>,
  },
  {
    head: 'Runs completed',
    right: true,
    cell: ({ runsCompleted, runsPlanned }) => `${runsCompleted} of ${runsPlanned}`,
  },
  { head: 'Looks', right: true, cell: ({ looksTaken, looksPlanned }) => `${looksTaken} of ${looksPlanned}` },
  { head: 'Worth', cell: ({ warning }) => warning ?? NOTHING },
];

const effect = ({ estimate, low, high, unit }: HypothesisView): string => {
  if (estimate === null) return NOTHING;
  const said = (value: number): string => `${value < 0 ? '\u2212' : '+'}${Math.abs(value).toFixed(2)}`;
  const between = low === null || high === null ? '' : ` (${said(low)} to ${said(high)})`;
  return `${said(estimate)}${unit === 'percent' ? '%' : ` ${unit}`}${between}`;
};

const HYPOTHESES: readonly Column<HypothesisView>[] = [
  { head: 'Hypothesis', heads: true, cell: ({ hypothesis }) => hypothesis },
  { head: 'Claim', cell: ({ claim }) => claim },
  { head: 'Registered as', cell: ({ expected }) => expected },
  { head: 'Outcome', cell: ({ outcome, negative }) => <Badge said={hypothesisSaid(outcome, negative)} /> },
  { head: 'Effect', right: true, cell: effect },
  { head: 'Seeds', right: true, cell: ({ n }) => n ?? NOTHING },
];

const Hypotheses = ({ of }: Readonly<{ of: ExperimentView }>): ReactNode => (
  <section aria-labelledby={`hypotheses-of-${of.experiment}`}>
    <h2 id={`hypotheses-of-${of.experiment}`}>What {of.experiment} came to</h2>
    <DataTable
      caption={`Hypotheses of ${of.experiment}`}
      columns={HYPOTHESES}
      rows={of.hypotheses}
      keyOf={({ hypothesis }) => hypothesis}
    />
    <p>
      <a href={links.experiment(of.experiment)}>The whole report of {of.experiment}</a>
    </p>
  </section>
);

const NoExperiments = (): ReactNode => (
  <Empty>
    <h2>No experiment is registered yet</h2>
    <p>One appears here by itself as soon as it is. In a terminal:</p>
    <pre>
      <code>{`prometheus-ledger experiment schema\nprometheus-ledger experiment register my.yaml`}</code>
    </pre>
  </Empty>
);

/** The register of hypotheses: every one that was ever registered, whatever it came to. */
export const ExperimentsPage = (): ReactNode => {
  const asked = useAnswer(questions.experiments(), useVersion());
  return (
    <>
      <h1>Experiments</h1>
      <p className="lead">
        In an experiment, question, arms, seeds and hypotheses are fixed in the log before the first run. Each
        hypothesis then comes out by its rule, and none is left out.
      </p>
      <Answer asked={asked} what="the experiments" lines={12}>
        {({ items }) =>
          items.length === 0 ? (
            <NoExperiments />
          ) : (
            <>
              <p className="says">{plural(items.length, 'experiment')}, in the order of their registration.</p>
              <DataTable
                caption="Experiments"
                columns={EXPERIMENTS}
                rows={items}
                keyOf={({ experiment }) => experiment}
              />
              {items.map((one) => (
                <Hypotheses key={one.experiment} of={one} />
              ))}
            </>
          )
        }
      </Answer>
    </>
  );
};
