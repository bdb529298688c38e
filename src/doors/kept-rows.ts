import { sql, type RawBuilder } from 'kysely';
import { Kept } from './kept.js';
import type { Sql } from './read-model.js';

/** As JSON text; in memory it is about three times that. */
const MOST_BYTES = 12e6;
const MOST_CHANGES = 4096;

/** What finds the last change, not after a position, of what the rows about a subject come from. */
export type LastChange = (asOf: number, subject: string) => RawBuilder<unknown>;

/** The last change of any of these tables, each with its positions. */
export const changeOf =
  (...tables: readonly string[]): LastChange =>
  (asOf) => {
    const ends = tables.map((table) => sql`(select max(position) from ${sql.table(table)} where position <= ${asOf})`);
    return sql`greatest(${sql.join(ends)})`;
  };

type Asked = Readonly<{
  asOf: number;
  /** What the rows are about; empty: everything. */
  subject?: string;
  /** What else the rows depend on, as JSON. */
  by?: readonly unknown[];
}>;

const bytesOf = (rows: readonly unknown[]): number => JSON.stringify(rows).length;

/**
 * Rows that are read once for each change of what they come from, since as of any position they are what they were at the
 * last change before it.
 */
export class KeptRows<R> {
  private readonly changes = new Kept<number>(MOST_CHANGES);
  private readonly rows = new Kept<readonly R[]>(MOST_BYTES, bytesOf);

  constructor(
    private readonly sql: Sql,
    private readonly lastChange: LastChange,
  ) {}

  async of({ asOf, subject = '', by = [] }: Asked, read: () => Promise<readonly R[]>): Promise<readonly R[]> {
    const changed = await this.changes.of(`${asOf} ${subject}`, () => this.changeBefore(asOf, subject));
    return this.rows.of(JSON.stringify([changed, subject, ...by]), read);
  }

  private async changeBefore(asOf: number, subject: string): Promise<number> {
    const change = this.lastChange(asOf, subject);
    const { rows } = await sql<{ last: number | null }>`select ${change} as last`.execute(this.sql.db);
    return rows[0]?.last ?? 0;
  }
}
