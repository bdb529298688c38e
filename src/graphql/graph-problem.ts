import { GraphQLError, type GraphQLFormattedError } from 'graphql';
import type { Misfit } from '#doors/dispatch.js';
import { InvalidRequest } from '#doors/dispatch.js';
import { problemOf, type Problem } from '#doors/problem.js';

const PATH = '/graphql';

/** What is beyond a limit of the door: names the limit, the query's value and what is allowed. */
export class QueryTooLarge extends InvalidRequest {
  constructor(misfit: Misfit, advice: string) {
    super(`${misfit.field}: ${String(misfit.value)} is not allowed: ${misfit.allowed}; ${advice}`, misfit, 400);
  }
}

/** A validation rule's error can only be one of GraphQL's own; it keeps what it was made of. */
export const graphError = (error: InvalidRequest): GraphQLError =>
  new GraphQLError(error.message, { originalError: error });

const MALFORMED = 400;

/** What went wrong beneath the errors that GraphQL wraps it in. */
export const causeOf = (error: Error): Error => {
  const { originalError } = error as { originalError?: Error };
  return originalError ? causeOf(originalError) : error;
};

/** GraphQL's own refusals are about the request, unless they are about an answer: those are faults of the program. */
const isRefusal = (error: GraphQLError): boolean => error.path === undefined || error.message.startsWith('Argument ');

const problemBehind = (error: Error): Problem => {
  const cause = causeOf(error);
  if (!(cause instanceof GraphQLError)) return problemOf(cause, PATH);
  const said = error instanceof GraphQLError && isRefusal(error);
  return problemOf(said ? new InvalidRequest(cause.message, undefined, MALFORMED) : cause, PATH);
};

/** An error as GraphQL answers it: the problem that REST would answer, in `extensions`. */
export const formatted = (error: Error): GraphQLFormattedError => {
  const { detail: message, instance: _path, ...extensions } = problemBehind(error);
  const { locations, path } = error as GraphQLError;
  return { message, ...(locations && { locations }), ...(path && { path }), extensions: { ...extensions } };
};

/** The same as an error, for what answers errors without asking how. */
export const asGraphError = (error: unknown): GraphQLError => {
  const thrown = error instanceof Error ? error : new Error(String(error));
  const { message, extensions } = formatted(thrown);
  return new GraphQLError(message, { ...(extensions && { extensions }) });
};

/** Whether somebody has to look at the log of the service. */
export const isFault = (error: Error): boolean => problemBehind(error).status >= 500;
