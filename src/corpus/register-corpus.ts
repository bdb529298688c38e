import type { Artifacts } from '#ledger/artifacts.js';
import { Refused } from '#ledger/decider.js';
import { sha256 } from '#ledger/digest.js';
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

/** A corpus as it would be registered: its event, and the artifacts that the event names. */
type Described = Readonly<{ data: RegisteredCorpus; artifacts: readonly Uint8Array[] }>;

const described = (cut: CutCorpus, provenance: Provenance): Described => {
  const { corpus, blockBytes, gapBytes, duplicatesLeftOut, tinyLeftOut } = cut;
  const index = new TextEncoder().encode(canonicalJson(corpus.documents));
  const data: RegisteredCorpus = {
    corpus: corpus.name,
    text: sha256(corpus.text),
    index: sha256(index),
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
  return { data, artifacts: [corpus.text, index] };
};

/** Whether {@link registerCorpus} would go through; writes nothing. @throws Refused when the name stands for other bytes */
export const checkRegistration = async (log: Log, cut: CutCorpus, provenance: Provenance): Promise<void> => {
  const { state } = await fold(log, corpusStream, cut.corpus.name);
  register(described(cut, provenance).data)(state);
};

/**
 * Keeps the text and its index as artifacts and registers them. The same bytes again change nothing.
 * @throws Refused when the name stands for other bytes
 */
export const registerCorpus = async (
  ledger: Ledger,
  store: Artifacts,
  cut: CutCorpus,
  provenance: Provenance,
  by: By,
): Promise<RegisteredCorpus> => {
  const { data, artifacts } = described(cut, provenance);
  for (const bytes of artifacts) await store.put(bytes);
  await decide(ledger, corpusStream, data.corpus, register(data), by);
  return data;
};

/** @throws Refused when no corpus has this name */
const findCorpus = async (log: Log, name: string): Promise<RegisteredCorpus> => {
  const { registered } = (await fold(log, corpusStream, name)).state;
  if (!registered) throw new Refused(`corpus ${name} is not registered in this log`);
  return registered;
};

/** Who wrote a registered corpus. @throws Refused when no corpus has this name */
export const originOf = async (log: Log, name: string): Promise<Origin> => (await findCorpus(log, name)).origin;

/** The registered corpus out of the log and its artifacts. @throws Refused when no corpus has this name */
export const loadCorpus = async (log: Log, artifacts: Artifacts, name: string): Promise<Corpus> => {
  const registered = await findCorpus(log, name);
  const text = await artifacts.get(registered.text);
  const index = new TextDecoder().decode(await artifacts.get(registered.index));
  return { name, text, documents: indexSchema.parse(JSON.parse(index)) };
};
