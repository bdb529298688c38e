import { z } from 'zod';
import { Refused, type Decision, type Stream } from '#ledger/decider.js';
import type { EventOf } from '#ledger/event.js';
import { countSchema } from '#ledger/schema.js';
import { CorpusRegistered, SPLITS, corpusEvents, type Split } from './events.js';

export type RegisteredCorpus = EventOf<typeof CorpusRegistered>['data'];
export type CorpusState = Readonly<{ registered: RegisteredCorpus | undefined }>;
type CorpusEvent = (typeof corpusEvents)[number];

/** Stream `corpus-<name>`: a corpus is registered once and never changes. */
export const corpusStream: Stream<CorpusState, CorpusEvent> = {
  name: 'corpus',
  events: corpusEvents,
  initial: { registered: undefined },
  evolve: (_state, fact) => ({ registered: fact.data }),
};

/** Registering the same bytes again is a no-op; other bytes under the same name are refused. */
export const register =
  (data: RegisteredCorpus): Decision<CorpusState, CorpusEvent> =>
  ({ registered }) => {
    if (!registered) return [CorpusRegistered.of(data)];
    if (registered.text === data.text && registered.index === data.index) return [];
    throw new Refused(`corpus ${data.corpus} is registered with other bytes; choose another name for the new text`);
  };

/** The place of one document in the text of its corpus. */
export const indexSchema = z.array(
  z.strictObject({ name: z.string(), offset: countSchema, bytes: countSchema, split: z.enum(SPLITS) }),
);
export type DocumentPlace = Readonly<z.output<typeof indexSchema>[number]>;

/** A corpus in memory: `text` holds the documents at their places. */
export type Corpus = Readonly<{ name: string; text: Uint8Array; documents: readonly DocumentPlace[] }>;

export const documentsOf = (corpus: Corpus, split: Split): readonly DocumentPlace[] =>
  corpus.documents.filter((document) => document.split === split);

export const bytesOf = (corpus: Corpus, document: DocumentPlace): Uint8Array =>
  corpus.text.subarray(document.offset, document.offset + document.bytes);
