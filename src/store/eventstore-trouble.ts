import { ErrorType } from '@eventstore/db-client';

type Told = Error & Readonly<{ type?: ErrorType; code?: number }>;

/** After these the same call may do better a little later: nobody answered, or whoever did could not at that moment. */
const PASSING: ReadonlySet<ErrorType | undefined> = new Set<ErrorType | undefined>([
  ErrorType.UNAVAILABLE,
  ErrorType.CANCELLED,
  ErrorType.TIMEOUT,
  ErrorType.DEADLINE_EXCEEDED,
  ErrorType.NOT_LEADER,
]);

const isTold = (error: unknown): error is Told => error instanceof Error;

export const kindOf = (error: unknown): ErrorType | undefined => (isTold(error) ? error.type : undefined);

/** Finding a cluster fails without a kind: then nobody was reached either. */
const NOT_DISCOVERED = /^Failed to discover/;

export const isPassing = (error: unknown): boolean =>
  isTold(error) && (PASSING.has(error.type) || error.name === 'LogUnreachable' || NOT_DISCOVERED.test(error.message));

export const wordsOf = (error: unknown): string =>
  (isTold(error) ? error.message : String(error))
    .replaceAll(/\s+/g, ' ')
    .replace(/ Resolution note: *$/, '')
    .trim();
