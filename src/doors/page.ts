import { Int } from '@nestjs/graphql';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { canonicalJson } from '#ledger/record.js';
import { InvalidRequest } from './dispatch.js';
import { Shown } from './shown.js';

export const DEFAULT_LIMIT = 100;
export const MOST_PER_PAGE = 1000;

/** Text of a query string as the number it must be; anything else stays as it is and is refused with its value. */
export const asWhole = ({ value }: Readonly<{ value: unknown }>): unknown =>
  typeof value === 'string' && /^-?\d{1,16}$/.test(value) ? Number(value) : value;

/** What every question that answers in pages takes. */
export class PageQuery {
  @ApiPropertyOptional({ description: '`nextCursor` of the page before', type: 'string' })
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  readonly cursor?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MOST_PER_PAGE, default: DEFAULT_LIMIT })
  @IsOptional()
  @Transform(asWhole)
  @IsInt()
  @Min(1)
  @Max(MOST_PER_PAGE)
  readonly limit?: number;

  @ApiPropertyOptional({
    description: 'answer as of this position of the log; default: as far as the service has read',
    type: 'integer',
    minimum: 0,
  })
  @IsOptional()
  @Transform(asWhole)
  @IsInt()
  @Min(0)
  @Max(Number.MAX_SAFE_INTEGER)
  readonly asOf?: number;
}

export type Page<T> = Readonly<{ items: readonly T[]; nextCursor: string | null; asOf: number }>;

const cursors = new WeakMap<object, (index: number) => string>();

/** A page that also knows the cursor behind each of its items, for doors that show them all. */
export const withCursors = <P extends object>(page: P, at: (index: number) => string): P => {
  cursors.set(page, at);
  return page;
};

/** The cursor of the page that begins behind an item of a page. @throws RangeError for a page that knows none */
export const cursorBehind = (page: object, index: number): string => {
  const at = cursors.get(page);
  if (!at) throw new RangeError('page: it was made without cursors; make it by withCursors');
  return at(index);
};

type PageClass<T> = new () => { items: T[]; nextCursor: string | null; asOf: number };

/** The class of a page of such items, for OpenAPI and GraphQL. Name it in the subclass: `class Runs extends pageOf(Run) {}`. */
export const pageOf = <T>(item: new (...given: never[]) => T): PageClass<T> => {
  abstract class PageOfItems {
    @Shown(() => item, { isArray: true })
    declare items: T[];

    @Shown(() => String, { nullable: true, description: '`cursor` of the next page; null on the last one' })
    declare nextCursor: string | null;

    @Shown(() => Int, { description: 'the position of the log that the answer is as of' })
    declare asOf: number;
  }
  return PageOfItems as unknown as PageClass<T>;
};

const encode = (text: string): string => Buffer.from(text, 'utf8').toString('base64url');

/**
 * An opaque place in one kind of list: `kind` says which list with which filters, `after` is the key that the next page
 * begins behind.
 */
export const cursorOf = (kind: string, after: unknown): string => encode(canonicalJson({ after, kind }));

/** The key in a cursor that {@link cursorOf} made for this very kind of list. @throws InvalidRequest */
export const readCursor = <T>(kind: string, cursor: string): T => {
  const problem = (why: string): InvalidRequest =>
    new InvalidRequest(
      `cursor: ${JSON.stringify(cursor.slice(0, 60))} ${why}; pass on the \`nextCursor\` of the page before unchanged, or leave it out to begin at the first page`,
      { field: 'cursor', value: cursor.slice(0, 200), allowed: 'a `nextCursor` of this list with the same filters' },
      400,
    );
  let read: unknown;
  try {
    read = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    throw problem('is no cursor');
  }
  const { kind: madeFor, after } = (read ?? {}) as { kind?: unknown; after?: T };
  if (typeof madeFor !== 'string' || after === undefined || cursorOf(madeFor, after) !== cursor)
    throw problem('is no cursor');
  if (madeFor !== kind) throw problem('belongs to another list or other filters');
  return after;
};
