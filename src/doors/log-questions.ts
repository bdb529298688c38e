import { z } from 'zod';
import { headOf, type Log, type Recorded } from '#ledger/log.js';
import { InvalidRequest } from './dispatch.js';
import { logRecord, type LogRecord } from './log.view.js';
import { cursorOf, DEFAULT_LIMIT, readCursor, withCursors, type Page } from './page.js';
import { NotFound } from './problem.js';

export type LogFilter = Readonly<{
  from?: number;
  direction?: 'forward' | 'backward';
  stream?: string;
  type?: string;
  asOf?: number;
  cursor?: string;
  limit?: number;
}>;

/** Records are up to 64 KiB: a page ends early rather than holding more than this. */
const MOST_PAGE_BYTES = 1024 * 1024;

const keySchema = z.strictObject({ asOf: z.int().min(0), position: z.int().min(0), revision: z.int().min(0) });
type Key = z.output<typeof keySchema>;

const kindOf = ({ direction = 'forward', stream = '', type = '', from = 0 }: LogFilter): string =>
  `log/${direction}/${stream}/${type}/${from}`;

const readKey = (filter: LogFilter): Key | undefined => {
  if (filter.cursor === undefined) return undefined;
  const kind = kindOf(filter);
  const read = keySchema.safeParse(readCursor(kind, filter.cursor));
  if (read.success) return read.data;
  throw new InvalidRequest('cursor: it is no cursor of the log', undefined, 400);
};

const settle = (asked: number | undefined, key: Key | undefined, head: number): number => {
  const asOf = asked ?? key?.asOf ?? head;
  if (key && asked !== undefined && asked !== key.asOf) {
    const allowed = `${key.asOf}, or leave it out`;
    throw new InvalidRequest(
      `asOf: ${asked} is not that of the cursor: ${allowed}`,
      { field: 'asOf', value: asked, allowed },
      400,
    );
  }
  if (asOf <= head) return asOf;
  const allowed = `0 to ${head}, the last position of the log`;
  throw new InvalidRequest(`asOf: ${asOf} is not allowed: ${allowed}`, { field: 'asOf', value: asOf, allowed }, 400);
};

/** The records that pass, from where the page begins, in the order asked for. */
const source = (log: Log, filter: LogFilter, key: Key | undefined, asOf: number): AsyncIterable<Recorded> => {
  const { direction = 'forward', stream, type, from } = filter;
  const step = direction === 'forward' ? 1 : -1;
  if (stream !== undefined) {
    const start = key && key.revision + step;
    return log.readStream(stream, { direction, ...(start !== undefined && { from: start }) });
  }
  const first = direction === 'forward' ? (from ?? 1) : Math.min(from ?? asOf, asOf);
  const start = key ? key.position + step : first;
  return log.readAll({ direction, from: start, ...(type !== undefined && { types: [type] }) });
};

const hasNone = ({ direction = 'forward' }: LogFilter, key: Key | undefined, asOf: number): boolean =>
  asOf === 0 || (direction === 'backward' && key !== undefined && key.position <= 1);

/** One page of the log. Later pages are as of the same position, whatever has been written since. */
export const logPage = async (log: Log, filter: LogFilter): Promise<Page<LogRecord>> => {
  const { direction = 'forward', limit = DEFAULT_LIMIT, type, from } = filter;
  const key = readKey(filter);
  const asOf = settle(filter.asOf, key, await headOf(log));
  const items: LogRecord[] = [];
  let bytes = 0;
  const behind = (index: number): string => {
    const { position, revision } = items[index] ?? { position: 0, revision: 0 };
    return cursorOf(kindOf(filter), { asOf, position, revision });
  };
  const page = (more: boolean): Page<LogRecord> => {
    const nextCursor = more && items.length > 0 ? behind(items.length - 1) : null;
    return withCursors({ items, nextCursor, asOf }, behind);
  };
  if (hasNone(filter, key, asOf)) return page(false);
  for await (const recorded of source(log, filter, key, asOf)) {
    const { position } = recorded;
    if (position > asOf) {
      if (direction === 'forward') break;
      continue;
    }
    if (from !== undefined && (direction === 'forward' ? position < from : position > from)) continue;
    if (type !== undefined && recorded.record.type !== type) continue;
    bytes += recorded.bytes.length;
    if (items.length === limit || (bytes > MOST_PAGE_BYTES && items.length > 0)) return page(true);
    items.push(logRecord(recorded));
  }
  return page(false);
};

/** @throws NotFound naming the last position */
export const recordAt = async (log: Log, position: number): Promise<LogRecord> => {
  for await (const recorded of log.readAll({ from: position, limit: 1 }))
    if (recorded.position === position) return logRecord(recorded);
  throw new NotFound(`log: there is no record at position ${position}; the last one is at ${await headOf(log)}`);
};
