import { sql, type Kysely } from 'kysely';
import type { ReadModel } from '#doors/read-model.js';
import type { Recorded } from '#ledger/log.js';

/** A read model that cannot take an event up: its name, the event's place, and why. */
export class RowsRefused extends Error {
  override readonly name = 'RowsRefused';
}

export type Row = Readonly<Record<string, unknown>>;
/** The columns of a table in their order, each with its type. */
export type ColumnTypes = ReadonlyMap<string, string>;
/** Rows of one table. */
export type TableRows = Readonly<{ table: string; types: ColumnTypes; rows: readonly Row[] }>;
/** Columns by table, as they are in the database. */
export type Columns = ReadonlyMap<string, ColumnTypes>;

/** @throws RowsRefused when a read model names a table that no migration makes */
export const columnsOf = async (db: Kysely<unknown>, models: readonly ReadModel[]): Promise<Columns> => {
  const { rows } = await sql<{ table: string; column: string; type: string }>`
    select table_name as table, column_name as column, data_type as type
    from information_schema.columns where table_schema = current_schema() order by ordinal_position`.execute(db);
  const columns = new Map<string, Map<string, string>>();
  for (const { table, column, type } of rows)
    columns.set(table, (columns.get(table) ?? new Map<string, string>()).set(column, type));
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
export const rowsOf = (
  models: readonly ReadModel[],
  entries: readonly Recorded[],
  columns: Columns,
): readonly TableRows[] => {
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
  return [...tables].map(([table, rows]) => ({ table, rows, types: columns.get(table) ?? new Map<string, string>() }));
};

/** PostgreSQL has no place for the character U+0000 and for half a surrogate pair. */
export const storableText = (text: string): string => text.toWellFormed().replaceAll('\0', '\u{fffd}');
const storable = (_key: string, value: unknown): unknown => (typeof value === 'string' ? storableText(value) : value);

const UNSTORABLE = /\\u(0000|d[89a-f])/;

/** A value as JSON. Almost none holds such a character, and looking at every text in it takes three times as long. */
export const storableJson = (value: unknown): string => {
  const text = JSON.stringify(value);
  return UNSTORABLE.test(text) ? JSON.stringify(value, storable) : text;
};

/** Empties the tables of all read models. */
export const empty = async (db: Kysely<unknown>, models: readonly ReadModel[]): Promise<void> => {
  const tables = models.flatMap(({ tables: own }) => own.map((table) => sql.table(table)));
  if (tables.length > 0) await sql`truncate ${sql.join(tables)}`.execute(db);
};
