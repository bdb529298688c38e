import type { Block, Figure, Report, Row, Sentence, Table } from './document.js';
import { escaped } from './markup.js';
import { notesOf, type Notes } from './notes.js';

const mark = (said: Sentence | Row, notes: Notes): string => {
  const note = notes.of(said);
  return note ? `<sup><a href="#note-${note.number}" title="${escaped(note.text)}">${note.number}</a></sup>` : '';
};

const sentences = (all: readonly Sentence[], notes: Notes): string =>
  all.map((one) => `${escaped(one.text)}${mark(one, notes)}`).join(' ');

const row = (one: Row, { right, head, toned }: Table, notes: Notes): string => {
  const cells = one.cells.map((cell, at) => {
    const classes = [right.includes(at) && 'right', at === toned && `tone ${one.tone ?? ''}`].filter(Boolean).join(' ');
    const given = `${classes === '' ? '' : ` class="${classes}"`} data-label="${escaped(head[at] ?? '')}"`;
    return at === 0
      ? `<th scope="row"${given}>${escaped(cell)}${mark(one, notes)}</th>`
      : `<td${given}>${escaped(cell)}</td>`;
  });
  return `<tr>${cells.join('')}</tr>`;
};

const table = (whole: Table, notes: Notes): string => {
  const { caption, head, right, rows } = whole;
  const heads = head.map(
    (name, at) => `<th scope="col"${right.includes(at) ? ' class="right"' : ''}>${escaped(name)}</th>`,
  );
  return [
    `<div class="wide"><table><caption>${escaped(caption)}</caption>`,
    `<thead><tr>${heads.join('')}</tr></thead>`,
    `<tbody>${rows.map((one) => row(one, whole, notes)).join('\n')}</tbody></table></div>`,
  ].join('\n');
};

const figure = ({ name, title, says, svg, table: numbers }: Figure, notes: Notes): string =>
  [
    `<figure id="figure-${name}"><figcaption><strong>${escaped(title)}.</strong> ${escaped(says)}</figcaption>`,
    `<div class="picture">${svg}</div>`,
    `<details><summary>The same as a table</summary>${table(numbers, notes)}</details></figure>`,
  ].join('\n');

const written = (block: Block, notes: Notes): string => {
  switch (block.kind) {
    case 'section':
      return `<h2 id="${block.id}">${escaped(block.text)}</h2>`;
    case 'heading':
      return `<h3 id="${block.id}">${escaped(block.text)}</h3>`;
    case 'lead':
      return `<p class="lead">${sentences([block.sentence], notes)}</p>`;
    case 'said':
      return `<p${block.tone ? ` class="outcome ${block.tone}"` : ''}>${sentences(block.sentences, notes)}</p>`;
    case 'list':
      return `<ul>${block.items.map((item) => `<li>${sentences([item], notes)}</li>`).join('')}</ul>`;
    case 'table':
      return table(block.table, notes);
    case 'figure':
      return figure(block.figure, notes);
    case 'commands':
      return `<pre><code>${block.lines.map(escaped).join('\n')}</code></pre>`;
  }
};

const contents = ({ blocks }: Report): string => {
  const items = blocks.flatMap((block) =>
    block.kind === 'section' ? `<li><a href="#${block.id}">${escaped(block.text)}</a></li>` : [],
  );
  return `<nav aria-label="Contents"><ul>${items.join('')}<li><a href="#evidence">Evidence</a></li></ul></nav>`;
};

/** The report as one file that needs no other: no script, nothing asked from anywhere. @param style its style sheet */
export const htmlOf = (report: Report, style: string): string => {
  const notes = notesOf(report);
  const body = report.blocks.map((block) => written(block, notes));
  const evidence = notes.all().map(({ number, text }) => `<li id="note-${number}">${escaped(text)}</li>`);
  return [
    '<!doctype html>',
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>Experiment ${escaped(report.experiment)}</title>`,
    `<style>${style}</style></head><body><main>`,
    `<h1>Experiment ${escaped(report.experiment)}</h1>`,
    contents(report),
    ...body,
    '<h2 id="evidence">Evidence</h2>',
    '<p>Where the log has what is said: a stream, the revision in it, and the position in the whole log.</p>',
    `<ol class="notes">${evidence.join('\n')}</ol>`,
    '</main></body></html>',
    '',
  ].join('\n');
};
