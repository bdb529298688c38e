import { bytesOf, documentsOf, type Corpus, type DocumentPlace } from '#corpus/domain/corpus.js';
import type { Split } from '#corpus/domain/events.js';
import { overlapping } from '#corpus/domain/shingles.js';

/** Windows of T + 1 bytes of one document that share no 64 bytes in a row with training text. */
export type DocumentWindows = Readonly<{ document: DocumentPlace; windows: readonly Uint8Array[] }>;

export type CleanWindows = Readonly<{ documents: readonly DocumentWindows[]; overlapLeftOut: number }>;

const windowsOf = (text: Uint8Array, bytes: number): readonly Uint8Array[] =>
  Array.from({ length: Math.floor(text.length / bytes) }, (_, at) => text.subarray(at * bytes, (at + 1) * bytes));

/** All training text of a run: what no probe may share 64 bytes with. */
export function* trainingText(corpora: readonly Corpus[]): Iterable<Uint8Array> {
  for (const corpus of corpora) for (const document of documentsOf(corpus, 'train')) yield bytesOf(corpus, document);
}

/** Windows of a split side by side, without those that overlap training text of any corpus of the run. */
export const cleanWindows = (
  corpus: Corpus,
  split: Split,
  sequence: number,
  training: readonly Corpus[],
): CleanWindows => {
  const cut = documentsOf(corpus, split).map((document) => ({
    document,
    windows: windowsOf(bytesOf(corpus, document), sequence + 1),
  }));
  const found = overlapping(
    cut.flatMap(({ windows }) => windows),
    trainingText(training),
  );
  let next = 0;
  const documents = cut.map(({ document, windows }) => ({
    document,
    windows: windows.filter(() => !found.has(next++)),
  }));
  return { documents, overlapLeftOut: found.size };
};

/** So many of the windows, spread evenly over the document. */
export const spread = (windows: readonly Uint8Array[], count: number): readonly Uint8Array[] =>
  Array.from({ length: count }, (_, at) => windows[Math.floor(((at + 0.5) * windows.length) / count)] as Uint8Array);
