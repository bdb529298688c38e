import { useState, type ReactNode } from 'react';
import { useAnswer } from './asking.js';
import { questions, type LogRecord } from './client.js';
import { count } from './figures.js';
import { leafHashOf } from './leaf-hash.js';
import { useVersion } from './live-feed.js';
import { Answer, Badge, Facts, Section, When } from './parts.js';
import { links } from './routes.js';

type Checked = Readonly<{ hash: string }> | Readonly<{ problem: string }>;

const HashCheck = ({ record }: Readonly<{ record: LogRecord }>): ReactNode => {
  const [checked, setChecked] = useState<Checked>();
  const check = (): void => {
    leafHashOf(record.canonical)
      .then((hash) => setChecked({ hash }))
      .catch((error: Error) => setChecked({ problem: error.message }));
  };
  return (
    <>
      <p>
        <button type="button" onClick={check}>
          Recompute the hash in this browser
        </button>
      </p>
      <div aria-live="polite" className="room-3">
        {checked && 'problem' in checked && <p className="failed">{checked.problem}</p>}
        {checked && 'hash' in checked && (
          <p>
            <Badge
              said={
                checked.hash === record.leafHash
                  ? { text: 'The same hash', sign: '✓', tone: 'good', means: 'the bytes are what the log says' }
                  : { text: 'Another hash', sign: '✕', tone: 'bad', means: 'the bytes are not what the log says' }
              }
            />{' '}
            Computed here: <code className="whole">{checked.hash}</code>
          </p>
        )}
      </div>
    </>
  );
};

/** What has a page of its own, by how the names of its streams begin. */
const PAGES = [
  { begins: 'run-', called: 'the run', link: links.run },
  { begins: 'experiment-', called: 'the experiment', link: links.experiment },
  { begins: 'distillation-', called: 'the distillation', link: links.distillation },
] as const;

const Stream = ({ stream }: Readonly<{ stream: string }>): ReactNode => {
  const page = PAGES.find(({ begins }) => stream.startsWith(begins));
  return (
    <>
      <a href={links.log({ stream })}>{stream}</a>
      {page && (
        <>
          {' '}
          (<a href={page.link(stream.slice(page.begins.length))}>{page.called}</a>)
        </>
      )}
    </>
  );
};

const pretty = (canonical: string): string => JSON.stringify(JSON.parse(canonical), null, 2);

const Record = ({ record }: Readonly<{ record: LogRecord }>): ReactNode => (
  <>
    <Facts
      of={[
        ['What', `${record.type}, version ${record.version}`],
        ['Stream', <Stream key="s" stream={record.stream} />],
        ['Place in the stream', count(record.revision)],
        ['Recorded', <When key="w" at={record.recordedAt} />],
        ['Written by', record.actor],
        ['Size', `${count(new TextEncoder().encode(record.canonical).length)} bytes`],
      ]}
    />
    <Section
      id="hash"
      title="Its hash"
      says="SHA-256 of a zero byte and the record's bytes. The hashes of all records make up the one root of the log, so no record can be changed without the root telling."
    >
      <p>
        In the log: <code className="whole">{record.leafHash}</code>
      </p>
      <HashCheck record={record} />
    </Section>
    <Section
      id="content"
      title="Its content"
      says="The whole record, laid out to be read. Hashed are the bytes below it."
    >
      <pre tabIndex={0} aria-label="The record as JSON">
        <code>{pretty(record.canonical)}</code>
      </pre>
      <details>
        <summary>The very bytes</summary>
        <pre tabIndex={0} className="wrapped" aria-label="The bytes of the record">
          <code>{record.canonical}</code>
        </pre>
      </details>
    </Section>
  </>
);

export const RecordPage = ({ position }: Readonly<{ position: number }>): ReactNode => {
  const asked = useAnswer(questions.record(position));
  const size = useAnswer(questions.head(), useVersion()).answer?.size ?? 0;
  return (
    <>
      <nav aria-label="Where you are" className="trail">
        <a href={links.log()}>Log</a> <span aria-hidden="true">›</span> record {position}
      </nav>
      <h1>Record {count(position)}</h1>
      <Answer asked={asked} what="the record" lines={16}>
        {(record) => <Record key={record.position} record={record} />}
      </Answer>
      <nav aria-label="Other records" className="pager">
        {position > 1 && <a href={links.record(position - 1)}>← Record {position - 1}</a>}
        {position < size && <a href={links.record(position + 1)}>Record {position + 1} →</a>}
      </nav>
    </>
  );
};
