import { jsonEvent } from '@eventstore/db-client';

/** Events that are told apart by their number, from 0. */
export const told = (count: number, type = 'Told') =>
  Array.from({ length: count }, (_, at) => jsonEvent({ type, data: { at } }));

export const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);
