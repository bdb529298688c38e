/** Wall-clock time, as metadata only: RFC 3339 in UTC. */
export abstract class Clock {
  abstract now(): string;
  /** The time so many milliseconds after a time, in the same form. */
  abstract after(time: string, durationMs: number): string;
  /** Milliseconds from an arbitrary start, for elapsed times. */
  abstract elapsedMs(): number;
}

/** Names for events: UUIDs. */
export abstract class Ids {
  abstract next(): string;
}

/** Words that nobody can guess: at least 256 random bits in URL-safe text. */
export abstract class Secrets {
  abstract next(): string;
}
