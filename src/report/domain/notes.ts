import type { Block, Cite, Report, Row, Sentence } from './document.js';

/** The evidence of one sentence or row; `number` counts from 1. */
export type Note = Readonly<{ number: number; places: readonly Place[]; text: string }>;

/** A stretch of records: `said` names it in its stream and in the log, `position` is its first. */
export type Place = Readonly<{ stream: string; said: string; position: number }>;

type Stretch = Readonly<{ first: Cite; last: Cite }>;

/** Records that stand one after another in their stream and in the log are named as one stretch. */
const stretches = (cites: readonly Cite[]): readonly Stretch[] => {
  const found: { first: Cite; last: Cite }[] = [];
  for (const cite of cites) {
    const before = found.at(-1);
    const goesOn =
      before?.last.stream === cite.stream &&
      before.last.revision + 1 === cite.revision &&
      before.last.position + 1 === cite.position;
    if (before && goesOn) before.last = cite;
    else found.push({ first: cite, last: cite });
  }
  return found;
};

const range = (from: number, to: number): string => (from === to ? String(from) : `${from}–${to}`);

/** "30–32 (log 412–414)". */
const placesOf = (cites: readonly Cite[]): readonly Place[] =>
  stretches(cites).map(({ first, last }) => ({
    stream: first.stream,
    said: `${range(first.revision, last.revision)} (log ${range(first.position, last.position)})`,
    position: first.position,
  }));

/** The places of each stream together. */
export const byStreams = (
  places: readonly Place[],
): readonly Readonly<{ stream: string; places: readonly Place[] }>[] =>
  [...new Set(places.map(({ stream }) => stream))].map((stream) => ({
    stream,
    places: places.filter((one) => one.stream === stream),
  }));

/** "run-drug-plain-1 at 30–32 (log 412–414), 40 (log 430)". */
const saidOf = (places: readonly Place[]): string =>
  byStreams(places)
    .map(({ stream, places: each }) => `${stream} at ${each.map(({ said }) => said).join(', ')}`)
    .join('; ');

const inOrder = (cites: readonly Cite[]): readonly Cite[] =>
  [...new Map(cites.map((cite) => [cite.position, cite])).values()].sort((a, b) => a.position - b.position);

const byStream = (cites: readonly Cite[]): readonly Cite[] => {
  const streams = [...new Set(cites.map(({ stream }) => stream))];
  return streams.flatMap((stream) => cites.filter((cite) => cite.stream === stream));
};

/** The notes of a report in the order in which they are met; the same records have one note. */
export class Notes {
  private readonly known = new Map<string, Note>();

  /** The note that these records have; undefined for none. */
  of({ cites }: Sentence | Row): Note | undefined {
    if (cites.length === 0) return undefined;
    const places = placesOf(byStream(inOrder(cites)));
    const text = saidOf(places);
    const note = this.known.get(text) ?? { number: this.known.size + 1, places, text };
    this.known.set(text, note);
    return note;
  }

  all(): readonly Note[] {
    return [...this.known.values()];
  }
}

const citing = (block: Block): readonly (Sentence | Row)[] => {
  switch (block.kind) {
    case 'lead':
      return [block.sentence];
    case 'said':
      return block.sentences;
    case 'list':
      return block.items;
    case 'table':
      return block.table.rows;
    case 'figure':
      return block.figure.table.rows;
    default:
      return [];
  }
};

/** Numbered as one reads, whatever the report is written out as. */
export const notesOf = ({ blocks }: Report): Notes => {
  const notes = new Notes();
  for (const block of blocks) for (const each of citing(block)) notes.of(each);
  return notes;
};
