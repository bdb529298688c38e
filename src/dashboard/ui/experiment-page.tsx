import { Fragment, useState, type ReactNode } from 'react';
import { useAnswer } from './asking.js';
import { open, questions, reportFile, type ExperimentView } from './client.js';
import { useVersion } from './live-feed.js';
import { Answer, Hash } from './parts.js';
import { ReportBlocks } from './report-blocks.js';
import { links } from './routes.js';

const FILES = { html: 'HTML', markdown: 'Markdown' } as const;
type Format = keyof typeof FILES;

/** Asked with the token of whoever looks, which a plain link would not carry. */
const save = async (experiment: string, format: Format): Promise<void> => {
  const answer = await open(reportFile(experiment, format), new AbortController().signal, '*/*');
  const address = URL.createObjectURL(await answer.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = `${experiment}.${format === 'html' ? 'html' : 'md'}`;
  link.click();
  URL.revokeObjectURL(address);
};

const Files = ({ experiment }: Readonly<{ experiment: string }>): ReactNode => {
  const [failure, setFailure] = useState<string>();
  const ask = (format: Format): void => {
    setFailure(undefined);
    save(experiment, format).catch((error: Error) => setFailure(error.message));
  };
  return (
    <p className="next">
      {Object.entries(FILES).map(([format, name]) => (
        <button key={format} type="button" onClick={() => ask(format as Format)}>
          Save as {name}
        </button>
      ))}
      {failure !== undefined && <span role="alert">The report could not be saved. {failure}</span>}
    </p>
  );
};

const Published = ({ reports }: Pick<ExperimentView, 'reports'>): ReactNode =>
  reports.map(({ position, html }) => (
    <p key={position} className="says">
      Published as <a href={links.record(position)}>record {position}</a>, HTML with SHA-256 <Hash of={html} />.
    </p>
  ));

/** The teachers of an experiment that has them, one for each seed that began. */
const Distillations = ({ experiment, version }: Readonly<{ experiment: string; version: number }>): ReactNode => {
  const { items = [] } = useAnswer(questions.distillationsOf(experiment), version).answer ?? {};
  if (items.length === 0) return null;
  return (
    <p>
      Its distillations:{' '}
      {items.map(({ distillation }, at) => (
        <Fragment key={distillation}>
          {at > 0 && ', '}
          <a href={links.distillation(distillation)}>{distillation}</a>
        </Fragment>
      ))}
    </p>
  );
};

export const ExperimentPage = ({ experiment }: Readonly<{ experiment: string }>): ReactNode => {
  // Records of its runs change it too; for any others the service has the same answer at once.
  const version = useVersion();
  const shown = useAnswer(questions.experiment(experiment), version);
  const report = useAnswer(questions.report(experiment), version);
  return (
    <>
      <nav aria-label="Where you are" className="trail">
        <a href={links.experiments}>Experiments</a> <span aria-hidden="true">›</span> {experiment}
      </nav>
      <h1>Experiment {experiment}</h1>
      <Answer asked={report} what="the report" lines={40}>
        {(made) => (
          <>
            <Files experiment={experiment} />
            {shown.answer && <Published reports={shown.answer.reports} />}
            <Distillations experiment={experiment} version={version} />
            <ReportBlocks report={made} />
          </>
        )}
      </Answer>
      <p>
        <a href={links.log({ stream: `experiment-${experiment}` })}>Every record of this experiment in the log</a>
      </p>
    </>
  );
};
