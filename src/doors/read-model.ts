import type { Kysely } from 'kysely';
import type { Recorded } from '#ledger/log.js';

/** The SQL database of the read models; `db.withTables<…>()` types the tables that a question reads. */
export abstract class Sql {
  abstract readonly db: Kysely<unknown>;
}

/** Rows by table. Every row has a `position`: that of the event it follows from. */
export type Rows = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

/**
 * Tables that follow from events and only grow: a question as of position P reads the rows with `position <= P`, so each
 * answer can be had again, and a rebuilt table is the one that grew. `rows` is pure; a changed meaning of it is a new
 * `version`, and then all tables are written anew from the log.
 */
export type ReadModel = Readonly<{
  name: string;
  version: number;
  tables: readonly string[];
  rows: (entry: Recorded) => Rows;
}>;

/** How far the read models have come. `lag`: records of the log they have not taken up; `error`: why they cannot go on. */
export type ViewsState = Readonly<{ position: number; lag: number; error: string | null; rebuilt: string | null }>;

/** The one follower that writes all read models. */
export abstract class Views {
  /** Position of the last record whose rows are written; 0 for none. */
  abstract readonly position: number;
  /** Whether the rows of this position are written before the time is over. */
  abstract reached(position: number, timeoutMs: number): Promise<boolean>;
  /** Whether they have all that the log holds now before the time is over; where they cannot go on, that is known at once. */
  abstract caughtUp(timeoutMs: number): Promise<boolean>;
  abstract state(): Promise<ViewsState>;
}
