import type { Proposed, Record } from './record.js';

/** What the writer believes about the stream: its last revision, that it is absent, that it is there, or nothing. */
export type Expected = number | 'no-stream' | 'stream-exists' | 'any';

/** Revision and position of the last event appended. */
export type Receipt = Readonly<{ stream: string; revision: number; position: number }>;

export type Recorded = Readonly<{ position: number; record: Record; bytes: Uint8Array }>;

export type ReadOptions = Readonly<{
  /** First revision (of a stream) or position (of everything), inclusive. Default: the end the reading starts from. */
  from?: number;
  direction?: 'forward' | 'backward';
  limit?: number;
}>;

export type Filter = Readonly<{ streamPrefix?: string; types?: readonly string[] }>;

export type SubscribeOptions = Filter & Readonly<{ after?: number; signal: AbortSignal }>;

export class WrongExpectedRevision extends Error {
  override readonly name = 'WrongExpectedRevision';
  constructor(
    readonly stream: string,
    readonly expected: Expected,
    readonly actual: number | 'no-stream',
  ) {
    super(`${stream}: expected revision ${expected}, the stream is at ${actual}; read it again and decide anew`);
  }
}

/** An event id that is already in the log with other bytes. */
export class IdConflict extends Error {
  override readonly name = 'IdConflict';
}

/** The disk refused: full, read-only or failing. Nothing of the append was kept. */
export class LogUnwritable extends Error {
  override readonly name = 'LogUnwritable';
}

/** Bytes in the store that are not what was written. */
export class LogDamaged extends Error {
  override readonly name = 'LogDamaged';
}

/** Another process has the data folder open. */
export class LogInUse extends Error {
  override readonly name = 'LogInUse';
}

/** There is no log in the folder, and it was to be opened for reading only. */
export class LogAbsent extends Error {
  override readonly name = 'LogAbsent';
}

/** The store that holds the log does not answer. Of an append under way it is not known whether it was kept. */
export class LogUnreachable extends Error {
  override readonly name = 'LogUnreachable';
}

/** The log was closed before the call, or while it waited. */
export class LogClosed extends Error {
  override readonly name = 'LogClosed';
}

/**
 * The only door to the events. Positions start at 1 and increase; revisions start at 0 and have no gap in a stream.
 * An append is atomic and acknowledged only when it is durable; the same ids with the same bytes again are acknowledged
 * with the first receipt and change nothing.
 */
export abstract class Log {
  /** @throws WrongExpectedRevision, IdConflict, MalformedRecord, NotCanonical, RecordTooLarge, LogUnwritable, LogUnreachable, LogClosed */
  abstract append(stream: string, expected: Expected, events: readonly Proposed[]): Promise<Receipt>;
  /** A reading ends at the end the log has when it begins. @throws LogDamaged, LogUnreachable, LogClosed */
  abstract readStream(stream: string, options?: ReadOptions): AsyncIterable<Recorded>;
  abstract readAll(options?: ReadOptions & Filter): AsyncIterable<Recorded>;
  /** First everything after the given position, then whatever comes, until the signal aborts. A slow reader is waited for. */
  abstract subscribe(options: SubscribeOptions): AsyncIterable<Recorded>;
  /** The record whose event has this id; undefined when none has. @throws LogDamaged, LogClosed */
  abstract withId(id: string): Promise<Recorded | undefined>;
  abstract close(): Promise<void>;

  /** Whether a process, this one or another, has the log open to write; without one nothing will be added. */
  hasWriter(): boolean {
    return true;
  }

  /** Why the store that holds the log does not answer at present; null while it does. */
  trouble(): string | null {
    return null;
  }
}

/** Position of the last record; 0 when there is none. */
export const headOf = async (log: Log): Promise<number> => {
  for await (const { position } of log.readAll({ direction: 'backward', limit: 1 })) return position;
  return 0;
};
