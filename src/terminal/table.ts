import Table from 'cli-table3';

/** A table; columns that are `flexible` take what room the others leave and break their text. */
export type TableRows = Readonly<{
  head: readonly string[];
  rows: readonly (readonly string[])[];
  /** Index of the column that gives way, or of several, of which the widest does. */
  flexible?: number | readonly number[];
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

const LEAST = 16;

/** Widths with the gap behind each column; the last one's may stand out, since nothing is written in it. */
const widths = ({ head, rows, flexible = [] }: TableRows, columns: number): number[] => {
  const found = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at]?.length ?? 0)) + GAP);
  const least = head.map((title) => Math.max(title.length + GAP, LEAST));
  const yielding = [flexible].flat();
  let over = found.reduce((sum, width) => sum + width, 0) - GAP - columns;
  for (; over > 0; over -= 1) {
    const room = (at: number): number => (found[at] ?? 0) - (least[at] ?? 0);
    const widest = yielding.filter((at) => room(at) > 0).sort((a, b) => (found[b] ?? 0) - (found[a] ?? 0))[0];
    if (widest === undefined) break;
    found[widest] = (found[widest] ?? 0) - 1;
  }
  return found;
};

/** Text in lines of at most so many letters: at spaces where it has any, else behind a dot, a comma or any letter. */
const broken = (text: string, width: number): string => {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const room = rest.slice(0, width + 1);
    const space = room.lastIndexOf(' ');
    const mark = Math.max(...['.', ',', '/', '-'].map((sign) => rest.slice(0, width).lastIndexOf(sign))) + 1;
    const end = space > 0 ? space : mark > 1 ? mark : width;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  return [...lines, rest].join('\n');
};

/** Lines of a table without borders: a head, a rule, rows. */
export const renderTable = (table: TableRows, columns: number): string[] => {
  const colWidths = widths(table, columns);
  const rendered = new Table({
    chars: NO_LINES,
    colWidths,
    colAligns: table.head.map((_, at) => (table.right?.includes(at) ? 'right' : 'left')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': GAP, compact: true },
  });
  const rule = colWidths.map((width) => '─'.repeat(width - GAP));
  const cell = (text: string, at: number): string => broken(text, (colWidths[at] ?? 0) - GAP);
  rendered.push([...table.head], rule, ...table.rows.map((row) => row.map(cell)));
  return rendered
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
};
