import type { ReactNode } from 'react';
import type { Asked } from './asking.js';
import { shownTime } from './browser-clock.js';
import { Refusal, token, Unreachable } from './client.js';
import { NOTHING, short } from './figures.js';
import { links } from './routes.js';
import { TokenForm } from './token-form.js';
import type { Said } from './words.js';

/** A word with a sign and a colour that say the same. */
export const Badge = ({ said }: Readonly<{ said: Said }>): ReactNode => (
  <span className={`badge ${said.tone}`} title={said.means}>
    <span aria-hidden="true">{said.sign}</span> {said.text}
  </span>
);

/** A hash by its first characters; all of it on hovering, and for whoever copies it. */
export const Hash = ({ of }: Readonly<{ of: string }>): ReactNode => (
  <code title={of} className="hash">
    {short(of)}
  </code>
);

export const When = ({ at }: Readonly<{ at: string }>): ReactNode => <time dateTime={at}>{shownTime(at)}</time>;

/** Room is kept while something is asked, so that what is below does not move. */
export const Loading = ({ what, lines = 3 }: Readonly<{ what: string; lines?: number }>): ReactNode => (
  <div className="loading" role="status" style={{ minHeight: `${lines * 1.6}rem` }}>
    Loading {what} …
  </div>
);

export const Empty = ({ children }: Readonly<{ children: ReactNode }>): ReactNode => (
  <div className="empty">{children}</div>
);

/** Where there is nothing of a name, those there are. */
const ToList = (): ReactNode => {
  const { hash } = window.location;
  if (hash.startsWith(links.experiments)) return <a href={links.experiments}>All experiments</a>;
  if (hash.startsWith(links.distillations)) return <a href={links.distillations}>All distillations</a>;
  return <a href={links.runs}>All runs</a>;
};

/** What went wrong, in the service's own words, and how to go on. */
export const Failed = ({
  error,
  again,
  what,
}: Readonly<{ error: Error; again: () => void; what: string }>): ReactNode => {
  if (error instanceof Refusal && error.problem.status === 401) return <TokenForm detail={error.message} />;
  const problem = error instanceof Refusal ? error.problem : undefined;
  const title = problem?.title ?? (error instanceof Unreachable ? 'No answer' : 'This page failed');
  return (
    <div className="failed" role="alert">
      <h3>
        {title}
        {problem && <span className="muted"> ({problem.status})</span>}
      </h3>
      <p>
        {what} could not be shown. {error.message}
      </p>
      {problem?.allowed !== undefined && <p>Allowed: {problem.allowed}</p>}
      <p className="next">
        <button type="button" onClick={again}>
          Try again
        </button>
        {problem?.status === 404 && <ToList />}
        {token.get() !== null && (
          <button type="button" className="quiet" onClick={() => (token.clear(), window.location.reload())}>
            Use another token
          </button>
        )}
      </p>
    </div>
  );
};

/** An answer as it comes: room for it, the answer, or why there is none. */
export const Answer = <T,>({
  asked,
  what,
  lines,
  children,
}: Readonly<{
  asked: Asked<T>;
  what: string;
  lines?: number;
  children: (answer: T) => ReactNode;
}>): ReactNode => {
  const { answer, error, again } = asked;
  if (answer !== undefined)
    return (
      <>
        {error && !(error instanceof Unreachable) && (
          <Failed error={error} again={again} what={`What is new of ${what}`} />
        )}
        {children(answer)}
      </>
    );
  const subject = what.charAt(0).toUpperCase() + what.slice(1);
  if (error) return <Failed error={error} again={again} what={subject} />;
  return <Loading what={what} {...(lines !== undefined && { lines })} />;
};

/** A part of a page under a heading, with one sentence on what it shows. */
export const Section = ({
  id,
  title,
  says,
  children,
}: Readonly<{ id: string; title: string; says: ReactNode; children: ReactNode }>): ReactNode => (
  <section aria-labelledby={id}>
    <h2 id={id}>{title}</h2>
    <p className="says">{says}</p>
    {children}
  </section>
);

export type Column<T> = Readonly<{
  head: string;
  cell: (row: T) => ReactNode;
  /** Numbers stand at the right, so that they can be compared. */
  right?: boolean;
  /** Names the row. */
  heads?: boolean;
}>;

/**
 * A table that becomes a list of cards on a phone. The roles are said once more since a browser forgets them when the parts
 * of a table are laid out as blocks.
 */
export const DataTable = <T,>({
  caption,
  columns,
  rows,
  keyOf,
}: Readonly<{
  caption: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string | number;
}>): ReactNode => (
  <table role="table" className="data">
    <caption className="unseen">{caption}</caption>
    <thead role="rowgroup">
      <tr role="row">
        {columns.map(({ head, right }) => (
          <th key={head} role="columnheader" scope="col" className={right ? 'right' : undefined}>
            {head}
          </th>
        ))}
      </tr>
    </thead>
    <tbody role="rowgroup">
      {rows.map((row) => (
        <tr key={keyOf(row)} role="row">
          {columns.map(({ head, cell, right, heads }) => {
            const content = cell(row);
            const classes = [right && 'right', content === NOTHING && 'nothing'].filter(Boolean).join(' ');
            const given = { 'data-label': head, ...(classes !== '' && { className: classes }) };
            return heads ? (
              <th key={head} role="rowheader" scope="row" {...given}>
                {content}
              </th>
            ) : (
              <td key={head} role="cell" {...given}>
                {content}
              </td>
            );
          })}
        </tr>
      ))}
    </tbody>
  </table>
);

/** Facts as pairs of a name and a value. */
export const Facts = ({ of }: Readonly<{ of: readonly (readonly [name: string, value: ReactNode])[] }>): ReactNode => (
  <dl className="facts">
    {of.map(([name, value]) => (
      <div key={name}>
        <dt>{name}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);
