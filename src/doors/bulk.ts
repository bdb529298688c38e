import { Readable } from 'node:stream';
import { applyDecorators, StreamableFile } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiPropertyOptional, getSchemaPath } from '@nestjs/swagger';
import { IsIn, IsOptional } from 'class-validator';
import type { FastifyReply } from 'fastify';
import { MOST_PER_PAGE, PageQuery, type Page } from './page.js';
import { fieldsOf } from './shown.js';

const FORMATS = ['json', 'ndjson', 'csv'] as const;
const TYPES = { ndjson: 'application/x-ndjson; charset=utf-8', csv: 'text/csv; charset=utf-8; header=present' };

/** A list as JSON in pages, or from the cursor to its end as one line an item. */
export class BulkQuery extends PageQuery {
  @ApiPropertyOptional({
    enum: FORMATS,
    default: 'json',
    description:
      'json: one page; ndjson, csv: everything from the cursor to the end, or `limit` items. In CSV a value that is no text or number is JSON.',
  })
  @IsOptional()
  @IsIn(FORMATS)
  readonly format?: (typeof FORMATS)[number];
}

type Item = Readonly<Record<string, unknown>>;
type ItemClass<T> = new (...given: never[]) => T;
type Write = (item: Item) => string;

const cell = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** RFC 4180. */
const line = (cells: readonly unknown[]): string => `${cells.map(cell).join(',')}\r\n`;

/** What is handed over in one go. */
const PIECE_LETTERS = 64 * 1024;

/** Small lines are put together, so that they do not travel one by one. */
function* inPieces(lines: Iterable<string>): Generator<string> {
  let piece = '';
  for (const one of lines) {
    piece += one;
    if (piece.length < PIECE_LETTERS) continue;
    yield piece;
    piece = '';
  }
  if (piece) yield piece;
}

function* linesOf<T>(items: readonly T[], write: Write): Generator<string> {
  for (const item of items) yield write(item as Item);
}

async function* written<T>(
  first: Page<T>,
  next: (cursor: string, limit: number) => Promise<Page<T>>,
  write: Write,
  head: string,
  most: number,
): AsyncGenerator<string> {
  let left = most;
  if (head) yield head;
  for (let page = first; ;) {
    const taken = page.items.slice(0, left);
    yield* inPieces(linesOf(taken, write));
    left -= taken.length;
    if (page.nextCursor === null || left === 0) return;
    page = await next(page.nextCursor, Math.min(left, MOST_PER_PAGE));
  }
}

/**
 * Answers a list in the form asked for. Rows are read as the reader takes them, so a slow one holds one page in memory;
 * all of them are as of one position, which the header `as-of` names.
 */
export const answerList = async <T>(
  item: ItemClass<T>,
  { format = 'json', ...query }: BulkQuery,
  reply: FastifyReply,
  read: (page: PageQuery) => Promise<Page<T>>,
): Promise<Page<T> | StreamableFile> => {
  if (format === 'json') return read(query);
  const { limit, cursor: _from, ...rest } = query;
  const first = await read({ ...query, limit: Math.min(limit ?? MOST_PER_PAGE, MOST_PER_PAGE) });
  void reply.header('as-of', String(first.asOf));
  const fields = fieldsOf(item);
  const write: Write =
    format === 'csv' ? (row) => line(fields.map((field) => row[field])) : (row) => `${JSON.stringify(row)}\n`;
  const next = (cursor: string, most: number): Promise<Page<T>> =>
    read({ ...rest, asOf: first.asOf, cursor, limit: most });
  const lines = written(first, next, write, format === 'csv' ? line(fields) : '', limit ?? Infinity);
  return new StreamableFile(Readable.from(lines, { objectMode: false }), { type: TYPES[format] });
};

/** The 200 answer of a route that uses {@link answerList}. */
export const AnswersList = (page: new (...given: never[]) => unknown, description: string): MethodDecorator =>
  applyDecorators(
    ApiExtraModels(page),
    ApiOkResponse({
      description,
      content: {
        'application/json': { schema: { $ref: getSchemaPath(page) } },
        'application/x-ndjson': { schema: { type: 'string', description: 'one item a line' } },
        'text/csv': { schema: { type: 'string', description: 'RFC 4180, with a header line' } },
      },
    }),
  );
