import { z } from 'zod';
import { Refused, type Decision, type Stream } from '#ledger/decider.js';
import type { EventOf } from '#ledger/event.js';
import { countSchema } from '#ledger/schema.js';
import { CorpusRegistered, SPLITS, corpusEvents, type Origin, type Split } from './events.js';

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

const written = (origin: Origin): string =>
  origin.kind === 'human' ? 'text by people' : `text by model ${origin.model}`;

/** Registering the same bytes again is a no-op; other bytes under the same name are refused. */
export const register =
  (data: RegisteredCorpus): Decision<CorpusState, CorpusEvent> =>
  ({ registered }) => {
    if (!registered) return [CorpusRegistered.of(data)];
    const same = registered.text === data.text && registered.index === data.index;
    if (same && written(registered.origin) === written(data.origin)) return [];
    const { corpus } = data;
    if (same)
      throw new Refused(
        `corpus ${corpus} is registered as ${written(registered.origin)}, not as ${written(data.origin)}; who wrote a text never changes`,
      );
    throw new Refused(
      `corpus ${corpus} is registered with other bytes; write "${corpus}: { registered: ${corpus} }" to use those that the log has, or choose another name for the new text`,
    );
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

/** A corpus that has fewer documents than its suites need, or none long enough to learn from. */
export class CorpusTooSmall extends Error {
  override readonly name = 'CorpusTooSmall';
}

/** Which split a document falls into is drawn, so a little more text than the share of it is what surely helps. */
export const ROOM = 1.1;

/**
 * Checks before anything is written that each split has the documents asked for, each of at least `leastBytes`.
 * @throws CorpusTooSmall that says what is there, what is needed and about how much text that takes
 */
export const requireDocuments = (
  corpus: Corpus,
  needs: Readonly<Partial<Record<Split, number>>>,
  leastBytes: number,
): void => {
  for (const split of SPLITS) {
    const needed = needs[split] ?? 0;
    const there = documentsOf(corpus, split).filter((document) => document.bytes >= leastBytes).length;
    if (there >= needed) continue;
    const kilobytes = (bytes: number): number => Math.ceil(bytes / 1000);
    const enough = kilobytes((ROOM * corpus.text.length * needed) / Math.max(there, 1));
    throw new CorpusTooSmall(
      `corpus ${corpus.name}: its ${split} split has ${there} documents of at least ${leastBytes} bytes, ${needed} are needed; ` +
        `it has ${kilobytes(corpus.text.length)} kB of distinct text, about ${enough} kB would do`,
    );
  }
};
