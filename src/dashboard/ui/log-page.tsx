import { useEffect, useState, type FormEvent, type ReactNode } from 'react';
import { useAnswer } from './asking.js';
import { questions, type LogRecord } from './client.js';
import { short } from './figures.js';
import { useVersion } from './live-feed.js';
import { Answer, DataTable, Empty, When, type Column } from './parts.js';
import { links } from './routes.js';

type Filter = Readonly<{ stream: string; type: string; from: string }>;

const COLUMNS: readonly Column<LogRecord>[] = [
  {
    head: 'Position',
    heads: true,
    right: true,
    cell: ({ position }) => <a href={links.record(position)}>{position}</a>,
  },
  { head: 'Recorded', cell: ({ recordedAt }) => <When at={recordedAt} /> },
  { head: 'What', cell: ({ type }) => type },
  { head: 'Stream', cell: ({ stream }) => <a href={links.log({ stream })}>{stream}</a> },
  { head: 'By', cell: ({ actor }) => actor },
  { head: 'Hash', cell: ({ leafHash }) => <code title={leafHash}>{short(leafHash)}</code> },
];

const FIELDS = [
  { name: 'stream', label: 'Stream', hint: 'run-demo' },
  { name: 'type', label: 'Type', hint: 'VerdictReached' },
  { name: 'from', label: 'From position', hint: 'the newest' },
] as const;

const FilterForm = ({ filter }: Readonly<{ filter: Filter }>): ReactNode => {
  const [typed, setTyped] = useState(filter);
  useEffect(() => setTyped(filter), [filter]);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    const { stream, type, from } = typed;
    window.location.hash = links.log({ stream: stream.trim(), type: type.trim(), from: from.trim() });
  };
  const isFiltered = filter.stream !== '' || filter.type !== '' || filter.from !== '';
  return (
    <form className="field" role="search" aria-label="Records" onSubmit={submit}>
      {FIELDS.map(({ name, label, hint }) => (
        <span key={name} className="pairing">
          <label htmlFor={`log-${name}`}>{label}</label>
          <input
            id={`log-${name}`}
            inputMode={name === 'from' ? 'numeric' : 'text'}
            placeholder={hint}
            autoComplete="off"
            spellCheck={false}
            value={typed[name]}
            onChange={({ target }) => setTyped({ ...typed, [name]: target.value })}
          />
        </span>
      ))}
      <button type="submit">Show</button>
      {isFiltered && <a href={links.log()}>All records</a>}
    </form>
  );
};

const Nothing = ({ filter }: Readonly<{ filter: Filter }>): ReactNode => {
  const isFiltered = filter.stream !== '' || filter.type !== '' || filter.from !== '';
  return (
    <Empty>
      {isFiltered ? (
        <p>
          No record matches. Streams and types are compared as a whole and by letter case.{' '}
          <a href={links.log()}>All records</a>
        </p>
      ) : (
        <p>The log is empty: its first record comes with the first run.</p>
      )}
    </Empty>
  );
};

/**
 * The pages of one filter; a changed filter begins at its first page. New records are offered and not put in by
 * themselves: what somebody reads stays where it is.
 */
const Records = ({ filter }: Readonly<{ filter: Filter }>): ReactNode => {
  const version = useVersion(filter.stream);
  const [seen, setSeen] = useState(version);
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const cursor = cursors.at(-1);
  const given = { ...filter, ...(cursor !== undefined && { cursor }) };
  const asked = useAnswer(questions.log(given), seen);
  const failed = asked.error !== undefined;
  useEffect(() => {
    if (failed) setSeen(version);
  }, [failed, version]);
  return (
    <Answer asked={asked} what="the records" lines={20}>
      {({ items, nextCursor }) =>
        items.length === 0 ? (
          <Nothing filter={filter} />
        ) : (
          <>
            <div className="room-2" role="status">
              {version !== seen && (
                <button
                  type="button"
                  onClick={() => {
                    setCursors([]);
                    setSeen(version);
                  }}
                >
                  There are newer records: show them
                </button>
              )}
            </div>
            <DataTable
              caption="Records of the log, the newest first"
              columns={COLUMNS}
              rows={items}
              keyOf={({ position }) => position}
            />
            <p className="pager">
              {cursors.length > 0 && (
                <button type="button" onClick={() => setCursors(cursors.slice(0, -1))}>
                  ← Newer
                </button>
              )}
              {nextCursor !== null && (
                <button type="button" onClick={() => setCursors([...cursors, nextCursor])}>
                  Older →
                </button>
              )}
            </p>
          </>
        )
      }
    </Answer>
  );
};

export const LogBrowser = ({ filter }: Readonly<{ filter: Filter }>): ReactNode => (
  <>
    <h1>Log</h1>
    <p className="lead">
      Everything that happened, one record after the other. Nothing here is ever changed or taken away; each record has
      a hash that this browser can recompute.
    </p>
    <FilterForm filter={filter} />
    <Records key={JSON.stringify(filter)} filter={filter} />
  </>
);
