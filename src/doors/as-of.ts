import { z } from 'zod';
import { InvalidRequest } from './dispatch.js';
import { cursorOf, DEFAULT_LIMIT, readCursor, withCursors, type Page, type PageQuery } from './page.js';
import { HttpProblem } from './problem.js';
import type { Views } from './read-model.js';

/** How long a question waits for all that was written before it, or for a position that was asked for. */
const PATIENCE_MS = 10_000;
const SOON_MS = 2_000;

const behind = async (views: Views): Promise<HttpProblem> => {
  const { position, lag, error } = await views.state();
  const why = error === null ? `${lag} records of the log are still to be read` : `they cannot go on: ${error}`;
  return new HttpProblem(
    503,
    'views-behind',
    'The read models are behind',
    `the read models have reached position ${position}; ${why}; ask again later, or with asOf=0..${position}`,
    { 'retry-after': '2' },
  );
};

/**
 * The position that a question is answered as of: the one asked for, or else no earlier than the end of the log when it
 * was put: whoever has written, or was told of a record, finds it in the answer.
 * @throws InvalidRequest beyond the end of the log; HttpProblem 503 while the read models are behind
 */
export const settleAsOf = async (views: Views, asOf?: number): Promise<number> => {
  if (asOf === undefined) {
    if (await views.caughtUp(PATIENCE_MS)) return views.position;
    throw await behind(views);
  }
  if (await views.reached(asOf, 0)) return asOf;
  const { position, lag } = await views.state();
  if (asOf <= position + lag) {
    if (await views.reached(asOf, position === 0 ? PATIENCE_MS : SOON_MS)) return asOf;
    throw await behind(views);
  }
  const allowed = `0 to ${position + lag}, the last position of the log`;
  throw new InvalidRequest(`asOf: ${asOf} is not allowed: ${allowed}`, { field: 'asOf', value: asOf, allowed }, 400);
};

/** A list that is read page by page, in one order that never changes. `R` is a row, `K` the key that the order goes by. */
export type Listing<R, K, T> = Readonly<{
  /** Says which list, and with which filters: a cursor of another one is refused. */
  kind: string;
  /** Bounds what a cursor may hold; it comes from outside. */
  key: z.ZodType<K>;
  rows: (asOf: number, limit: number, after: K | undefined) => Promise<readonly R[]>;
  keyOf: (row: R) => K;
  show: (row: R) => T;
}>;

/** Whole numbers that fit into the database's. */
export const placeSchema = z.int().min(-1).max(Number.MAX_SAFE_INTEGER);

const readAfter = <K>(kind: string, key: z.ZodType<K>, cursor: string): Readonly<{ asOf: number; key: K }> => {
  const read = z.strictObject({ asOf: placeSchema, key }).safeParse(readCursor(kind, cursor));
  if (read.success) return read.data as { asOf: number; key: K };
  const allowed = 'a `nextCursor` of this list';
  throw new InvalidRequest(
    'cursor: it is no cursor of this list',
    { field: 'cursor', value: cursor.slice(0, 200), allowed },
    400,
  );
};

/** A page of rows that were read with one more than its limit, which says whether there is a next page. */
export const pageOfRows = <R, K, T>(
  { kind, keyOf, show }: Pick<Listing<R, K, T>, 'kind' | 'keyOf' | 'show'>,
  { asOf, limit }: Readonly<{ asOf: number; limit: number }>,
  found: readonly R[],
): Page<T> => {
  const shown = found.slice(0, limit);
  const behind = (index: number): string => {
    const row = shown[index];
    if (row === undefined) throw new RangeError(`page: it has no item ${index}; it has ${shown.length}`);
    return cursorOf(kind, { asOf, key: keyOf(row) });
  };
  const nextCursor = found.length > limit && shown.length > 0 ? behind(shown.length - 1) : null;
  return withCursors({ items: shown.map(show), nextCursor, asOf }, behind);
};

/** One page. The pages after it are as of the same position, whatever has happened since. */
export const pageFrom = async <R, K, T>(
  views: Views,
  { cursor, limit = DEFAULT_LIMIT, asOf: asked }: PageQuery,
  listing: Listing<R, K, T>,
): Promise<Page<T>> => {
  const { kind, key, rows } = listing;
  const after = cursor === undefined ? undefined : readAfter(kind, key, cursor);
  if (after && asked !== undefined && asked !== after.asOf)
    throw new InvalidRequest(
      `asOf: ${asked} is not allowed: the cursor belongs to a list as of ${after.asOf}`,
      { field: 'asOf', value: asked, allowed: `${after.asOf}, or leave it out` },
      400,
    );
  const asOf = await settleAsOf(views, asked ?? after?.asOf);
  const found = await rows(asOf, limit + 1, after?.key);
  return pageOfRows(listing, { asOf, limit }, found);
};
