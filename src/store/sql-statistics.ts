import { sql, type Kysely } from 'kysely';
import type { ReadModel } from '#doors/read-model.js';

/** Below this any plan is quick. */
const FEW = 1000;

/**
 * What the planner knows of the tables. PGlite gathers nothing by itself, and a server not at once, and without it a
 * question about one run may read the rows of all.
 */
export class Statistics {
  private gatheredAt = 0;

  constructor(private readonly models: readonly ReadModel[]) {}

  /** Gathers when the log is twice as long as the last time; a table at a time, so that questions get their turn. */
  async gather(db: Kysely<unknown>, position: number): Promise<void> {
    if (position < FEW || position < 2 * this.gatheredAt) return;
    this.gatheredAt = position;
    for (const { tables } of this.models)
      for (const table of tables) await sql`analyze ${sql.table(table)}`.execute(db);
  }
}
