import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import type { FastifyContextConfig, FastifyReply, FastifyRequest } from 'fastify';
import { Kind, type DocumentNode, type ExecutionResult, type GraphQLSchema } from 'graphql';
import type { MercuriusContext } from 'mercurius';
import type { Identity, OpenConfig } from '#doors/allow.js';
import type { Known } from '#doors/caller.js';
import { InvalidRequest } from '#doors/dispatch.js';
import { HttpProblem } from '#doors/problem.js';
import { causeOf, formatted, isFault } from './graph-problem.js';
import { checkCost, limitShape, MOST_TOKENS } from './limits.js';
import type { SocketDoor } from './socket-door.js';

export const GRAPHQL_PATH = '/graphql';

/** What every resolver gets: who asks. */
export type GraphContext = MercuriusContext & Known;

const MAY_ASK = ['viewer', 'operator', 'auditor'] as const;

/** The schema itself is asked past all resolvers, so whoever may ask nothing is turned away before. @throws HttpProblem */
export const requireReader = (identity: Identity | undefined): void => {
  if (identity && MAY_ASK.some((right) => identity.roles.includes(right))) return;
  const roles = identity?.roles.join(', ') || 'none';
  throw new HttpProblem(
    403,
    'forbidden',
    'This is not for you',
    `GraphQL is for ${MAY_ASK.join(' or ')}; "${identity?.id ?? 'nobody'}" has the roles: ${roles}`,
  );
};

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** Mercurius would take a query that is no GraphQL for a parsed one in JSON, past the limits of the parser. */
const refuseParsed = (source: string): void => {
  if (!isJson(source)) return;
  const allowed = 'a GraphQL document';
  throw new InvalidRequest(
    `query: this is JSON; allowed is ${allowed}`,
    { field: 'query', value: source.slice(0, 200), allowed },
    400,
  );
};

const refuseSubscription = ({ definitions }: DocumentNode): void => {
  if (!definitions.some((node) => node.kind === Kind.OPERATION_DEFINITION && node.operation === 'subscription')) return;
  throw new InvalidRequest(
    `subscription: nothing is subscribed to by a request; connect a WebSocket to ${GRAPHQL_PATH}, protocol graphql-transport-ws`,
    undefined,
    400,
  );
};

const refuseGet = async (request: FastifyRequest & Readonly<{ ws?: boolean }>): Promise<void> => {
  if (request.method === 'GET' && !request.ws)
    throw new HttpProblem(
      405,
      'method',
      'This method does nothing here',
      `${GRAPHQL_PATH} is asked by POST, with {"query": "…", "variables": {…}} as JSON, or by a WebSocket`,
      { allow: 'POST' },
    );
};

type Failed = ExecutionResult & Required<Pick<ExecutionResult, 'errors'>>;

/** Mercurius gathers what it found wrong with a query in one error. */
const eachOf = (error: Error): readonly Error[] => {
  const { errors } = ((error as { originalError?: Error }).originalError ?? error) as { errors?: readonly Error[] };
  return Array.isArray(errors) && errors.length > 0 ? errors : [error];
};

/** A request that could not be carried out at all has the status of its first problem; else each error is in the answer. */
const answerErrors = (
  { data, errors }: Failed,
  { reply, app }: Pick<MercuriusContext, 'reply' | 'app'>,
): { statusCode: number; response: ExecutionResult } => {
  const each = errors.flatMap(eachOf);
  const log = (reply as FastifyReply | undefined)?.log ?? app.log;
  for (const error of each) if (isFault(error)) log.error({ err: error }, 'fault beneath GraphQL');
  const refusal = data === undefined && each[0] ? causeOf(each[0]) : undefined;
  if (refusal instanceof HttpProblem) void (reply as FastifyReply | undefined)?.headers(refusal.headers);
  const shown = each.map(formatted);
  const { status } = (shown[0]?.extensions ?? {}) as { status?: number };
  const response = { ...(data !== undefined && { data }), errors: shown };
  return { statusCode: data === undefined ? (status ?? 500) : 200, response: response as unknown as ExecutionResult };
};

const contextOf = (request: FastifyRequest & Known): object => {
  const { identity } = request;
  return { ...(identity && { identity }) };
};

const ROUTE: FastifyContextConfig & OpenConfig = { tokenLater: true };

/** How Mercurius serves the schema: by POST and over sockets, within limits, to whoever may read. */
export const doorOptions = (sockets: SocketDoor): MercuriusDriverConfig => ({
  driver: MercuriusDriver,
  path: GRAPHQL_PATH,
  autoSchemaFile: true,
  sortSchema: true,
  // What tools draw from the schema comes from it alone; the page that Mercurius brings along loads programs from elsewhere.
  ide: false,
  allowBatchedQueries: false,
  graphql: { parseOptions: { maxTokens: MOST_TOKENS } },
  validationRules: [limitShape],
  context: contextOf,
  errorFormatter: answerErrors,
  additionalRouteOptions: { config: ROUTE, preValidation: [refuseGet, sockets.admit] },
  subscription: sockets.options(),
  hooks: {
    preParsing: (_schema: GraphQLSchema, source: string, { identity }: GraphContext) => {
      requireReader(identity);
      refuseParsed(source);
    },
    preExecution: (schema: GraphQLSchema, document: DocumentNode, _context: GraphContext, variables: object) => {
      refuseSubscription(document);
      checkCost(schema, document, { ...variables });
    },
    preSubscriptionExecution: sockets.check as never,
  },
});
