/** Wall-clock time, as metadata only: RFC 3339 in UTC. */
export abstract class Clock {
  abstract now(): string;
  /** Milliseconds from an arbitrary start, for elapsed times. */
  abstract elapsedMs(): number;
}

/** Names for events: UUIDs. */
export abstract class Ids {
  abstract next(): string;
}
