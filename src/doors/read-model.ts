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
 * answer can be had again, and a rebuilt table is the one that grew.
 */
export type ReadModel = Readonly<{ name: string; tables: readonly string[]; rows: (entry: Recorded) => Rows }>;
