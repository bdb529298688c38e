import { ArgsType, Field, Int, ObjectType } from '@nestjs/graphql';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { InvalidRequest } from '#doors/dispatch.js';
import { cursorBehind, MOST_PER_PAGE, type Page, type PageQuery } from '#doors/page.js';
import { placed, placeOf, type Place } from './place.js';

const DEFAULT_FIRST = 20;

/** What every list takes. */
@ArgsType()
export class ConnectionArgs {
  @Field(() => Int, { defaultValue: DEFAULT_FIRST, description: `how many, 1 to ${MOST_PER_PAGE}` })
  @IsInt()
  @Min(1)
  @Max(MOST_PER_PAGE)
  readonly first!: number;

  @Field(() => String, { nullable: true, description: '`endCursor` of the page before, or any `cursor`' })
  @IsOptional()
  @IsString()
  @MaxLength(2000)
  readonly after?: string | null;
}

/** A list at the root also takes the position that it is as of; a list beneath an answer has that of the answer. */
@ArgsType()
export class RootConnectionArgs extends ConnectionArgs {
  @Field(() => Int, {
    nullable: true,
    description: 'answer as of this position of the log; default: as far as the service has read',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  readonly asOf?: number | null;
}

@ObjectType({ description: 'https://relay.dev/graphql/connections.htm' })
export class PageInfo {
  @Field(() => Boolean)
  readonly hasNextPage!: boolean;
  @Field(() => Boolean, { description: 'whether the page was asked for by `after`' })
  readonly hasPreviousPage!: boolean;
  @Field(() => String, { nullable: true })
  readonly startCursor!: string | null;
  @Field(() => String, { nullable: true, description: '`after` of the next page' })
  readonly endCursor!: string | null;
}

export type Connection<T> = Readonly<{
  edges: readonly Readonly<{ cursor: string; node: T }>[];
  pageInfo: PageInfo;
  asOf: number;
}>;

type Class<T> = abstract new (...given: never[]) => T;

/** The GraphQL type of a list of such answers: `<name>Connection` with its `<name>Edge`. */
export const connectionOf = <T>(name: string, node: Class<T>): Class<Connection<T>> => {
  @ObjectType(`${name}Edge`)
  class Edge {
    @Field(() => String, { description: 'the same that REST takes as `cursor`' })
    declare cursor: string;

    @Field(() => node)
    declare node: T;
  }

  @ObjectType(`${name}Connection`)
  class Edges {
    @Field(() => [Edge])
    declare edges: Edge[];

    @Field(() => PageInfo)
    declare pageInfo: PageInfo;

    @Field(() => Int, { description: 'the position of the log that the list is as of' })
    declare asOf: number;
  }
  return Edges;
};

/** A page as Relay has it. */
export const connectionFrom = <T extends object>(
  page: Page<T>,
  after: string | null | undefined,
  asked: boolean,
): Connection<T> => {
  const { items, nextCursor, asOf } = page;
  const place: Place = { asOf, asked };
  const edges = items.map((item, index) => ({ cursor: cursorBehind(page, index), node: placed(item, place) }));
  return {
    edges,
    pageInfo: {
      hasNextPage: nextCursor !== null,
      hasPreviousPage: typeof after === 'string',
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    asOf,
  };
};

const RENAMED: Readonly<Record<string, string>> = { cursor: 'after', limit: 'first' };

/** What REST calls otherwise is named as it is here. */
const inOurWords = (error: unknown): unknown => {
  if (!(error instanceof InvalidRequest) || !error.misfit) return error;
  const { message, misfit, status } = error;
  const field = RENAMED[misfit.field];
  if (field === undefined) return error;
  const said = message.startsWith(`${misfit.field}:`) ? field + message.slice(misfit.field.length) : message;
  return new InvalidRequest(
    said.replaceAll('`nextCursor`', '`endCursor`'),
    { ...misfit, field, allowed: misfit.allowed.replaceAll('`nextCursor`', '`endCursor`') },
    status,
  );
};

type Asked = Readonly<{ first: number; after?: string | null; asOf?: number | null }>;

/** Reads a list as REST does, and shows it as Relay has it. */
export const connect = async <T extends object>(
  { first, after, asOf }: Asked,
  read: (page: PageQuery) => Promise<Page<T>>,
): Promise<Connection<T>> => {
  const query = { limit: first, ...(typeof after === 'string' && { cursor: after }) };
  try {
    const page = await read({ ...query, ...(typeof asOf === 'number' && { asOf }) });
    return connectionFrom(page, after, typeof asOf === 'number');
  } catch (error) {
    throw inOurWords(error);
  }
};

/**
 * A list beneath an answer, as of the answer's position. The first page is read together with those of other answers; one
 * that begins behind a cursor belongs to this list alone.
 */
export const connectBeneath = async <T extends object>(
  answer: object,
  { first, after }: ConnectionArgs,
  firstPage: (asOf: number, limit: number) => Promise<Page<T>>,
  read: (page: PageQuery) => Promise<Page<T>>,
): Promise<Connection<T>> => {
  const { asOf, asked } = placeOf(answer);
  if (typeof after !== 'string') return connectionFrom(await firstPage(asOf, first), after, asked);
  return connect({ first, after, asOf: asked ? asOf : null }, read);
};
