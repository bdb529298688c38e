import { describe, expect, it } from '@jest/globals';
import type { Cite, Report } from './document.js';
import { notesOf } from './notes.js';

const cite = (stream: string, revision: number, position: number): Cite => ({ stream, revision, position });

const report = (...of: readonly (readonly Cite[])[]): Report => ({
  experiment: 'drug',
  asOf: 9,
  blocks: [{ kind: 'said', sentences: of.map((cites) => ({ text: 'said', cites })) }],
});

describe('the notes of a report', () => {
  it('name records that stand one after another as one stretch, stream by stream', () => {
    const cites = [cite('b', 1, 7), cite('a', 3, 5), cite('a', 2, 4), cite('a', 4, 8), cite('a', 2, 4)];
    expect(notesOf(report(cites)).all()).toMatchObject([
      { number: 1, text: 'a at 2–3 (log 4–5), 4 (log 8); b at 1 (log 7)' },
    ]);
  });

  it('are numbered as one reads; the same records have one number, and none have none', () => {
    const [first, second] = [[cite('a', 0, 1)], [cite('a', 1, 2)]];
    const notes = notesOf(report(first, [], second, [...first]));
    expect(notes.all().map(({ number, text }) => [number, text])).toEqual([
      [1, 'a at 0 (log 1)'],
      [2, 'a at 1 (log 2)'],
    ]);
    expect(notes.of({ text: 'again', cites: second })?.number).toBe(2);
    expect(notes.of({ text: 'nothing', cites: [] })).toBeUndefined();
  });
});
