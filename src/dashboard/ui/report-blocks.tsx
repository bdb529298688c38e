import { Fragment, type ReactNode } from 'react';
import type { Block, Figure, Row, Sentence, Table } from '#report/domain/document.js';
import { byStreams, notesOf, type Notes } from '#report/domain/notes.js';
import type { ReportParts } from './client.js';
import { DataTable } from './parts.js';
import { links } from './routes.js';

const noteId = (number: number): string => `evidence-${number}`;

const show = (number: number): void => {
  const note = document.getElementById(noteId(number));
  note?.scrollIntoView({ block: 'center' });
  note?.focus({ preventScroll: true });
};

/** Leads to the records behind what was said. */
const Mark = ({ of, notes }: Readonly<{ of: Sentence | Row; notes: Notes }>): ReactNode => {
  const note = notes.of(of);
  if (!note) return null;
  const { number, text } = note;
  return (
    <button
      type="button"
      className="evidence"
      title={text}
      aria-label={`evidence ${number}`}
      onClick={() => show(number)}
    >
      {number}
    </button>
  );
};

const Sentences = ({ all, notes }: Readonly<{ all: readonly Sentence[]; notes: Notes }>): ReactNode =>
  all.map((one, at) => (
    <Fragment key={at}>
      {at > 0 && ' '}
      {one.text}
      <Mark of={one} notes={notes} />
    </Fragment>
  ));

type Numbered = Readonly<{ row: Row; at: number }>;

const ReportTable = ({ table, notes }: Readonly<{ table: Table; notes: Notes }>): ReactNode => {
  const { caption, head, right, rows } = table;
  return (
    <div className="scrolling">
      <p className="table-name" aria-hidden="true">
        {caption}
      </p>
      <DataTable<Numbered>
        caption={caption}
        rows={rows.map((row, at) => ({ row, at }))}
        keyOf={({ at }) => at}
        columns={head.map((name, column) => ({
          head: name,
          heads: column === 0,
          right: right.includes(column),
          cell: ({ row }) =>
            column === table.toned ? (
              <span className={`tone ${row.tone ?? ''}`}>{row.cells[column]}</span>
            ) : column > 0 ? (
              row.cells[column]
            ) : (
              <span>
                {row.cells[0]}
                <Mark of={row} notes={notes} />
              </span>
            ),
        }))}
      />
    </div>
  );
};

/** The service draws it, in the colours of this page. */
const Picture = ({ figure, notes }: Readonly<{ figure: Figure; notes: Notes }>): ReactNode => (
  <figure>
    <figcaption>
      <strong>{figure.title}.</strong> {figure.says}
    </figcaption>
    <div className="picture" dangerouslySetInnerHTML={{ __html: figure.svg }} />
    <details>
      <summary>The same as a table</summary>
      <ReportTable table={figure.table} notes={notes} />
    </details>
  </figure>
);

const Shown = ({ block, notes }: Readonly<{ block: Block; notes: Notes }>): ReactNode => {
  switch (block.kind) {
    case 'section':
      return <h2 id={block.id}>{block.text}</h2>;
    case 'heading':
      return <h3 id={block.id}>{block.text}</h3>;
    case 'lead':
      return (
        <p className="lead">
          <Sentences all={[block.sentence]} notes={notes} />
        </p>
      );
    case 'said':
      return (
        <p className={block.tone && `told ${block.tone}`}>
          <Sentences all={block.sentences} notes={notes} />
        </p>
      );
    case 'list':
      return (
        <ul>
          {block.items.map((item, at) => (
            <li key={at}>
              <Sentences all={[item]} notes={notes} />
            </li>
          ))}
        </ul>
      );
    case 'table':
      return <ReportTable table={block.table} notes={notes} />;
    case 'figure':
      return <Picture figure={block.figure} notes={notes} />;
    case 'commands':
      return (
        <pre>
          <code>{block.lines.join('\n')}</code>
        </pre>
      );
  }
};

/** From one heading of a section to the next. */
const sectionsOf = (blocks: readonly Block[]): readonly (readonly Block[])[] => {
  const sections: Block[][] = [[]];
  for (const block of blocks) {
    if (block.kind === 'section') sections.push([]);
    sections.at(-1)?.push(block);
  }
  return sections;
};

const Evidence = ({ notes }: Readonly<{ notes: Notes }>): ReactNode => (
  <section aria-labelledby="evidence">
    <h2 id="evidence">Evidence</h2>
    <p className="says">
      Where the log has what is said: a stream, the revision in it, and the position in the whole log.
    </p>
    <ol className="evidence">
      {notes.all().map(({ number, places }) => (
        <li key={number} id={noteId(number)} tabIndex={-1}>
          {byStreams(places).map(({ stream, places: each }) => (
            <span key={stream}>
              {stream} at{' '}
              {each.map(({ said, position }, at) => (
                <Fragment key={position}>
                  {at > 0 && ', '}
                  <a href={links.record(position)}>{said}</a>
                </Fragment>
              ))}
              {'. '}
            </span>
          ))}
        </li>
      ))}
    </ol>
  </section>
);

/** A report as the service made it, laid out as a part of this page. */
export const ReportBlocks = ({ report }: Readonly<{ report: ReportParts }>): ReactNode => {
  const notes = notesOf(report);
  return (
    <div className="report">
      {sectionsOf(report.blocks).map((blocks, at) => (
        <section key={at}>
          {blocks.map((block, place) => (
            <Shown key={place} block={block} notes={notes} />
          ))}
        </section>
      ))}
      <Evidence notes={notes} />
    </div>
  );
};
