import type { AnyEventType, EventOf } from './event.js';

/** A stream's rules: the events it may hold and how each changes its state. Decisions are plain functions of the state. */
export type Stream<S, E extends AnyEventType> = Readonly<{
  name: string;
  events: readonly E[];
  initial: S;
  evolve(state: S, event: EventOf<E>): S;
}>;

export type Decision<S, E extends AnyEventType> = (state: S) => readonly EventOf<E>[];

/** A command that the present state does not allow; the message says why and what would be allowed. */
export class Refused extends Error {
  override readonly name = 'Refused';
}
