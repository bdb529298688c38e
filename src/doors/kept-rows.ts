import { sql } from 'kysely';
import { Kept } from './kept.js';
import type { Sql } from './read-model.js';

/** Pages that are kept; the largest takes about a megabyte. */
const MOST_KEPT = 16;

/**
 * Rows of a list that many ask for and few events change: they are read once for each change of the tables that they come
 * from, since as of any position they are what they were at the last change before it.
 */
export class KeptRows<R> {
  private readonly byPosition = new Kept<readonly R[]>(MOST_KEPT);
  private readonly byChange = new Kept<readonly R[]>(MOST_KEPT);

  constructor(
    private readonly sql: Sql,
    /** All the tables that a row is made of, each with its positions. */
    private readonly tables: readonly string[],
  ) {}

  /** `asked`: what else than the position the rows depend on, as JSON. */
  of(asOf: number, asked: readonly unknown[], read: () => Promise<readonly R[]>): Promise<readonly R[]> {
    return this.byPosition.of(JSON.stringify([asOf, ...asked]), async () => {
      const changed = await this.lastChange(asOf);
      return this.byChange.of(JSON.stringify([changed, ...asked]), read);
    });
  }

  private async lastChange(asOf: number): Promise<number> {
    const ends = this.tables.map(
      (table) => sql`(select max(position) from ${sql.table(table)} where position <= ${asOf})`,
    );
    const { rows } = await sql<{ last: number | null }>`select greatest(${sql.join(ends)}) as last`.execute(
      this.sql.db,
    );
    return rows[0]?.last ?? 0;
  }
}
