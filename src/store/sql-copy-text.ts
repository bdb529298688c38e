import { storableJson, storableText, type ColumnTypes, type Row } from './sql-rows.js';

const SPECIAL = /[\\\t\n\r]/;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

const escaped = (text: string): string =>
  SPECIAL.test(text) ? text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? character) : text;

const NOTHING = '\\N';

/** A value as JSON would hold it: what is no number is nothing. */
const field = (value: unknown, type: string): string => {
  if (value === null || value === undefined) return NOTHING;
  if (type === 'json') return escaped(storableJson(value));
  if (typeof value === 'string') return escaped(storableText(value));
  return typeof value === 'number' && !Number.isFinite(value) ? NOTHING : String(value);
};

/** Rows in the text format of PostgreSQL's `copy`, the columns in the order of their types. */
export const copyText = (rows: readonly Row[], types: ColumnTypes): string => {
  const columns = [...types];
  let text = '';
  for (const row of rows) text += `${columns.map(([name, type]) => field(row[name], type)).join('\t')}\n`;
  return text;
};
