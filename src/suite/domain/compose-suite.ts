import { ROOM, type Corpus } from '#corpus/domain/corpus.js';
import type { Split } from '#corpus/domain/events.js';
import type { Family, TaskSequence } from '#corpus/domain/family.js';
import { SequenceBlob, decodeSequences, encodeSequences } from '#corpus/domain/plsq.js';
import { Rng } from '#corpus/domain/random.js';
import type { ItemSet, Unit } from './items.js';
import { cleanWindows, spread } from './text-windows.js';

/** Text of a suite: documents of one corpus, with no window that shares 64 bytes in a row with training text. */
export type TextSetting = Readonly<{
  corpus: Corpus;
  /** Every corpus that the weights may have learnt from, in this run or before it, the one above included if it is. */
  training: readonly Corpus[];
  windowsPerDocument: number;
  minimumDocuments: number;
}>;

/**
 * Two windows a document. A report suite has at least 100 documents, or as many as a verdict reads where that is fewer; a
 * gate has as many as a verdict reads.
 */
export const WINDOWS_PER_DOCUMENT = 2;
export const MINIMUM_DOCUMENTS = 100;

/** Too little text for a suite; the message says how much would do. */
export class SuiteTooSmall extends Error {
  override readonly name = 'SuiteTooSmall';
}

export type ComposedText = Readonly<{ items: ItemSet; overlapLeftOut: number }>;

const tooSmall = (suite: string, split: Split, text: TextSetting, there: number, overlap: number): SuiteTooSmall => {
  const { corpus, minimumDocuments, windowsPerDocument } = text;
  const enough = Math.ceil((ROOM * corpus.text.length * minimumDocuments) / Math.max(there, 1) / 1000);
  return new SuiteTooSmall(
    `suite ${suite}: ${there} documents in the ${split} split of corpus ${corpus.name} have ${windowsPerDocument} windows ` +
      `to probe (${overlap} windows overlap training text), at least ${minimumDocuments} are needed; ` +
      `about ${enough} kB of distinct text would do, there are ${Math.ceil(corpus.text.length / 1000)} kB`,
  );
};

/** One unit for each document of the split that has windows enough. @throws SuiteTooSmall */
export const composeDocuments = (suite: string, split: Split, text: TextSetting, sequence: number): ComposedText => {
  const { corpus, windowsPerDocument, minimumDocuments } = text;
  const { documents, overlapLeftOut } = cleanWindows(corpus, split, sequence, text.training);
  const usable = documents.filter(({ windows }) => windows.length >= windowsPerDocument);
  if (usable.length < Math.max(minimumDocuments, 1)) throw tooSmall(suite, split, text, usable.length, overlapLeftOut);
  const blob = new SequenceBlob(usable.length * windowsPerDocument, sequence);
  const units = usable.map(({ document, windows }, at): Unit => {
    spread(windows, windowsPerDocument).forEach((window) => blob.addText(window));
    const sequences = Array.from({ length: windowsPerDocument }, (_, window) => at * windowsPerDocument + window);
    return { id: `${corpus.name}:${document.name}`, kind: 'document', domain: corpus.name, sequences };
  });
  return { items: { sequences: blob.finish(), units }, overlapLeftOut };
};

/** One set behind the other; the second one's indices move up. */
export const concatenated = (first: ItemSet, second: ItemSet): ItemSet => {
  const head = decodeSequences(first.sequences);
  const moved = second.units.map((unit) => ({ ...unit, sequences: unit.sequences.map((at) => at + head.length) }));
  const sequences = encodeSequences([...head, ...decodeSequences(second.sequences)]);
  return { sequences, units: [...first.units, ...moved] };
};

export type ScoutSetting = Readonly<{
  suite: string;
  seed: string;
  sequence: number;
  /** Text domains, probed on their scout split. */
  corpora: readonly Corpus[];
  /** Every corpus that the weights may have learnt from: no window may share 64 bytes in a row with its training text. */
  training: readonly Corpus[];
  families: readonly Family[];
  sequencesPerDomain: number;
}>;

/** One unit for each domain: text windows of the scout split, and fixed sequences of each family. @throws SuiteTooSmall */
export const composeScout = (setting: ScoutSetting): ComposedText => {
  const { suite, seed, sequence, corpora, training, families, sequencesPerDomain: count } = setting;
  const blob = new SequenceBlob((corpora.length + families.length) * count, sequence);
  const units: Unit[] = [];
  const enter = (domain: string): void => {
    const sequences = Array.from({ length: count }, (_, at) => units.length * count + at);
    units.push({ id: `domain:${domain}`, kind: 'domain', domain, sequences });
  };
  let left = 0;
  for (const corpus of corpora) {
    const { documents, overlapLeftOut } = cleanWindows(corpus, 'scout', sequence, training);
    const windows = documents.flatMap((document) => document.windows);
    const text = { corpus, training, windowsPerDocument: 1, minimumDocuments: count };
    if (windows.length < count) throw tooSmall(suite, 'scout', text, windows.length, overlapLeftOut);
    left += overlapLeftOut;
    spread(windows, count).forEach((window) => blob.addText(window));
    enter(corpus.name);
  }
  for (const family of families) {
    scoutSequences(family, seed, sequence, count).forEach((task) => blob.add(task));
    enter(family.name);
  }
  return { items: { sequences: blob.finish(), units }, overlapLeftOut: left };
};

const scoutSequences = (family: Family, seed: string, sequence: number, count: number): readonly TaskSequence[] => {
  const rng = Rng.from(seed, 'scout', family.name);
  return Array.from({ length: count }, (_, at) => family.generate(rng.branch(at), sequence));
};
