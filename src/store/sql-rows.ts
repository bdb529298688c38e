import { sql, type Kysely } from 'kysely';
import type { ReadModel } from '#doors/read-model.js';
import type { Recorded } from '#ledger/log.js';

/** A read model that cannot take an event up: its name, the event's place, and why. */
export class RowsRefused extends Error {
  override readonly name = 'RowsRefused';
}

type Row = Readonly<Record<string, unknown>>;
export type Tables = ReadonlyMap<string, readonly Row[]>;
/** Columns by table, as they are in the database. */
export type Columns = ReadonlyMap<string, ReadonlySet<string>>;

/** @throws RowsRefused when a read model names a table that no migration makes */
export const columnsOf = async (db: Kysely<unknown>, models: readonly ReadModel[]): Promise<Columns> => {
  const { rows } = await sql<{ table: string; column: string }>`
    select table_name as table, column_name as column
    from information_schema.columns where table_schema = current_schema()`.execute(db);
  const columns = new Map<string, Set<string>>();
  for (const { table, column } of rows) columns.set(table, (columns.get(table) ?? new Set()).add(column));
  for (const { name, tables } of models)
    for (const table of tables)
      if (!columns.get(table)?.has('position'))
        throw new RowsRefused(`read model ${name}: no migration makes a table ${table} with a column position`);
  return columns;
};

const at = ({ position, record }: Recorded): string => `position ${position} (${record.type} in ${record.stream})`;

const misfit = (
  model: ReadModel,
  { position }: Recorded,
  table: string,
  row: Row,
  columns: Columns,
): string | undefined => {
  const known = columns.get(table);
  if (!known || !model.tables.includes(table)) return `it writes to ${table}, which is none of its tables`;
  if (row['position'] !== position) return `a row of ${table} has not the event's position`;
  for (const column in row) if (!known.has(column)) return `the table ${table} has no column ${column}`;
  return undefined;
};

/** All rows that some events give, by table. @throws RowsRefused */
export const rowsOf = (models: readonly ReadModel[], entries: readonly Recorded[], columns: Columns): Tables => {
  const tables = new Map<string, Row[]>();
  const take = (model: ReadModel, entry: Recorded): void => {
    for (const [table, rows] of Object.entries(model.rows(entry)))
      for (const row of rows) {
        const why = misfit(model, entry, table, row, columns);
        if (why !== undefined) throw new RowsRefused(`read model ${model.name} at ${at(entry)}: ${why}`);
        const list = tables.get(table);
        if (list) list.push(row);
        else tables.set(table, [row]);
      }
  };
  for (const entry of entries)
    for (const model of models)
      try {
        take(model, entry);
      } catch (error) {
        if (error instanceof RowsRefused) throw error;
        throw new RowsRefused(`read model ${model.name} at ${at(entry)}: ${String(error)}`);
      }
  return tables;
};

/** PostgreSQL has no place for the character U+0000 and for half a surrogate pair. */
const storable = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? value.toWellFormed().replaceAll('\0', '\u{fffd}') : value;

const UNSTORABLE = /\\u(0000|d[89a-f])/;

/** Rows as JSON. Almost none holds such a character, and looking at every value takes three times as long. */
const toJson = (rows: readonly Row[]): string => {
  const text = JSON.stringify(rows);
  return UNSTORABLE.test(text) ? JSON.stringify(rows, storable) : text;
};

/** Writes rows, each table's in one statement whatever their number. */
export const insert = async (db: Kysely<unknown>, tables: Tables): Promise<void> => {
  for (const [table, rows] of tables) {
    const into = sql.table(table);
    const json = toJson(rows);
    await sql`insert into ${into} select * from json_populate_recordset(null::${into}, ${json}::json)`.execute(db);
  }
};

/** Empties the tables of all read models. */
export const empty = async (db: Kysely<unknown>, models: readonly ReadModel[]): Promise<void> => {
  const tables = models.flatMap(({ tables: own }) => own.map((table) => sql.table(table)));
  if (tables.length > 0) await sql`truncate ${sql.join(tables)}`.execute(db);
};
