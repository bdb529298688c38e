import type { Block, Report, Row, Sentence, Table } from './document.js';
import { notesOf, type Notes } from './notes.js';

/** Signs that Markdown would take for its own. */
const plain = (text: string): string => text.replace(/[\\`*_[\]<>|#]/g, (sign) => `\\${sign}`).replace(/\s+/g, ' ');

const marked = (said: Sentence | Row, text: string, notes: Notes): string => {
  const note = notes.of(said);
  return note ? `${text}[^${note.number}]` : text;
};

const sentences = (all: readonly Sentence[], notes: Notes): string =>
  all.map((one) => marked(one, plain(one.text), notes)).join(' ');

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

const table = ({ caption, head, right, rows }: Table, notes: Notes): string =>
  [
    `**${plain(caption)}**`,
    '',
    line(head.map(plain)),
    line(head.map((_, at) => (right.includes(at) ? '---:' : '---'))),
    ...rows.map((row) => {
      const [first = '', ...rest] = row.cells.map(plain);
      return line([marked(row, first, notes), ...rest]);
    }),
  ].join('\n');

const written = (block: Block, notes: Notes): string => {
  switch (block.kind) {
    case 'section':
      return `## ${plain(block.text)}`;
    case 'heading':
      return `### ${plain(block.text)}`;
    case 'lead':
      return sentences([block.sentence], notes);
    case 'said':
      return sentences(block.sentences, notes);
    case 'list':
      return block.items.map((item) => `- ${sentences([item], notes)}`).join('\n');
    case 'table':
      return table(block.table, notes);
    case 'figure': {
      const { name, title, says, table: numbers } = block.figure;
      return `![${plain(title)}](${name}.svg)\n\n*${plain(title)}.* ${plain(says)}\n\n${table(numbers, notes)}`;
    }
    case 'commands':
      return ['```', ...block.lines, '```'].join('\n');
  }
};

/** The report as Markdown with footnotes; its pictures lie beside it. */
export const markdownOf = (report: Report): string => {
  const notes = notesOf(report);
  return [
    `# Experiment ${report.experiment}`,
    ...report.blocks.map((block) => written(block, notes)),
    '## Evidence',
    ...notes.all().map(({ number, text }) => `[^${number}]: ${plain(text)}`),
    '',
  ]
    .join('\n\n')
    .trimEnd()
    .concat('\n');
};
