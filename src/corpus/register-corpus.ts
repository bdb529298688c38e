import type { Artifacts } from '#ledger/artifacts.js';
import { Refused } from '#ledger/decider.js';
import { decide, fold, type By, type Ledger } from '#ledger/ledger.js';
import type { Log } from '#ledger/log.js';
import { canonicalJson } from '#ledger/record.js';
import {
  corpusStream,
  documentsOf,
  indexSchema,
  register,
  type Corpus,
  type RegisteredCorpus,
} from './domain/corpus.js';
import type { CutCorpus } from './domain/documents.js';
import type { Origin, Split } from './domain/events.js';

/** Where a corpus comes from, as the person who brings it states it. */
export type Provenance = Readonly<{ origin: Origin; licence: string; source: string; filesSkipped: number }>;

const tally = (corpus: Corpus, split: Split): Readonly<{ documents: number; bytes: number }> => {
  const documents = documentsOf(corpus, split);
  return { documents: documents.length, bytes: documents.reduce((sum, { bytes }) => sum + bytes, 0) };
};

/**
 * Keeps the text and its index as artifacts and registers them. The same bytes again change nothing.
 * @throws Refused when the name stands for other bytes
 */
export const registerCorpus = async (
  ledger: Ledger,
  artifacts: Artifacts,
  cut: CutCorpus,
  provenance: Provenance,
  by: By,
): Promise<RegisteredCorpus> => {
  const { corpus, blockBytes, gapBytes, duplicatesLeftOut, tinyLeftOut } = cut;
  const data: RegisteredCorpus = {
    corpus: corpus.name,
    text: await artifacts.put(corpus.text),
    index: await artifacts.put(new TextEncoder().encode(canonicalJson(corpus.documents))),
    bytes: corpus.text.length,
    documents: corpus.documents.length,
    splits: {
      train: tally(corpus, 'train'),
      scout: tally(corpus, 'scout'),
      gate: tally(corpus, 'gate'),
      shadow: tally(corpus, 'shadow'),
      report: tally(corpus, 'report'),
    },
    duplicatesLeftOut,
    tinyLeftOut,
    blockBytes,
    gapBytes,
    ...provenance,
  };
  await decide(ledger, corpusStream, corpus.name, register(data), by);
  return data;
};

/** The registered corpus out of the log and its artifacts. @throws Refused when no corpus has this name */
export const loadCorpus = async (log: Log, artifacts: Artifacts, name: string): Promise<Corpus> => {
  const { registered } = (await fold(log, corpusStream, name)).state;
  if (!registered) throw new Refused(`corpus ${name} is not registered in this log`);
  const text = await artifacts.get(registered.text);
  const index = new TextDecoder().decode(await artifacts.get(registered.index));
  return { name, text, documents: indexSchema.parse(JSON.parse(index)) };
};
