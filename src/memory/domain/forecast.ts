import { z } from 'zod';
import { artifactSchema, countSchema, ppmSchema, sha256Schema } from '#ledger/schema.js';

const expected = z.strictObject({ mean: z.number(), sd: z.number().positive() });
export type Expected = Readonly<z.output<typeof expected>>;

/** What a proposal says will come of it, before anything is trained. It is held against what came, and decides nothing. */
export const forecastSchema = z.strictObject({
  /** Should it be accepted: change of the champion's skill on the scout suite, as a share of the loss of a guess. */
  skillGain: expected,
  /** Should it be accepted: change of bits per byte of general text on the scout suite. */
  generalChangeBitsPerByte: expected,
  klToChampionNatsPerByte: expected,
  /** Probability of an ACCEPT. */
  acceptance: z.number().min(0).max(1),
});
export type Forecast = Readonly<z.output<typeof forecastSchema>>;

export const QUANTITIES = ['skillGain', 'generalChangeBitsPerByte', 'klToChampionNatsPerByte'] as const;
export type Quantity = (typeof QUANTITIES)[number];

/** What an update may be shown again. */
export const rememberedSchema = z.strictObject({
  /** Artifact that lists the remembered sequences: domain, cycle, place in that cycle's update, SHA-256. */
  sequences: artifactSchema,
  /** Digest of the same list without the hashes of the sequences: it follows from the run's events alone. */
  placesDigest: sha256Schema,
  count: countSchema,
  /** What replayed sequences are drawn from: general text and remembered domains. */
  replayWeightsPpm: z.record(z.string(), ppmSchema),
});
export type Remembered = Readonly<z.output<typeof rememberedSchema>>;
