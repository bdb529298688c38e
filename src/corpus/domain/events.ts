import { z } from 'zod';
import { event } from '#ledger/event.js';
import { countSchema, nameSchema, artifactSchema, sha256Schema } from '#ledger/schema.js';

export const SPLITS = ['train', 'scout', 'gate', 'shadow', 'report'] as const;
export type Split = (typeof SPLITS)[number];

const tallySchema = z.strictObject({ documents: countSchema, bytes: countSchema });

/** Who wrote the text: people, or a model named by the hash of its weights. */
export const originSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('human') }),
  z.strictObject({ kind: z.literal('synthetic'), model: sha256Schema }),
]);
export type Origin = Readonly<z.output<typeof originSchema>>;

export const CorpusRegistered = event(
  'CorpusRegistered',
  z.strictObject({
    corpus: nameSchema,
    /** Artifact: the documents one after another. */
    text: artifactSchema,
    /** Artifact: JSON `[{ name, offset, bytes, split }]`, in the order of the text. */
    index: artifactSchema,
    bytes: countSchema,
    documents: countSchema,
    splits: z.strictObject({
      train: tallySchema,
      scout: tallySchema,
      gate: tallySchema,
      shadow: tallySchema,
      report: tallySchema,
    }),
    /** Documents that were not taken: copies and near-copies of another, and files with too little or no text. */
    duplicatesLeftOut: countSchema,
    tinyLeftOut: countSchema,
    filesSkipped: countSchema,
    blockBytes: countSchema,
    gapBytes: countSchema,
    origin: originSchema,
    licence: z.string().min(1),
    source: z.string().min(1),
  }),
);

export const corpusEvents = [CorpusRegistered] as const;
