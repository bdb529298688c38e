import Table from 'cli-table3';

/** A table; the column `flexible` takes what room the others leave and breaks its text. */
export type TableRows = Readonly<{
  head: readonly string[];
  rows: readonly (readonly string[])[];
  /** Index of the column that gives way. */
  flexible?: number;
  /** Columns of figures. */
  right?: readonly number[];
}>;

const NO_LINES = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};
const GAP = 2;

const widths = ({ head, rows, flexible }: TableRows, columns: number): number[] => {
  const natural = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)) + GAP);
  const total = natural.reduce((sum, width) => sum + width, 0);
  if (flexible === undefined || total <= columns) return natural;
  const least = (head[flexible]?.length ?? 0) + GAP;
  return natural.map((width, at) => (at === flexible ? Math.max(least, 16, width - (total - columns)) : width));
};

/** Lines of a table without borders: a head, a rule, rows. */
export const renderTable = (table: TableRows, columns: number): string[] => {
  const colWidths = widths(table, columns);
  const rendered = new Table({
    chars: NO_LINES,
    colWidths,
    colAligns: table.head.map((_, at) => (table.right?.includes(at) ? 'right' : 'left')),
    wordWrap: true,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP, compact: true },
  });
  const rule = colWidths.map((width) => '─'.repeat(width - GAP));
  rendered.push([...table.head], rule, ...table.rows.map((row) => [...row]));
  return rendered
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
};
