import { sql, type Kysely } from 'kysely';
import { Sql } from '#doors/read-model.js';
import { storableJson, type TableRows } from './sql-rows.js';

/** Another service writes its read models into the same place. */
export class SqlInUse extends Error {
  override readonly name = 'SqlInUse';
}

/** The database does not answer: it is stopped, cannot be reached, or closed the connection. */
export class SqlAway extends Error {
  override readonly name = 'SqlAway';
}

/** A database as the follower needs it: opened at the first use, claimed by one writer, closed at the end. */
export abstract class SqlDatabase extends Sql {
  /** What is said of it in messages; holds no password. */
  abstract readonly place: string;
  /** Makes sure that nobody else writes read models here; free when it is ours already. @throws SqlInUse */
  abstract claim(): Promise<void>;
  abstract close(): Promise<void>;

  /** Writes rows of one table, in one statement whatever their number. */
  async insert(db: Kysely<unknown>, { table, rows }: TableRows): Promise<void> {
    const [into, json] = [sql.table(table), storableJson(rows)];
    await sql`insert into ${into} select * from json_populate_recordset(null::${into}, ${json}::json)`.execute(db);
  }
}
