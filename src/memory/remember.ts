import { drawInto, type Origin } from '#corpus/domain/batches.js';
import type { Corpus } from '#corpus/domain/corpus.js';
import type { Family } from '#corpus/domain/family.js';
import { decodeSequences, SequenceBlob } from '#corpus/domain/plsq.js';
import { sha256 } from '#ledger/digest.js';
import { canonicalJson } from '#ledger/record.js';
import type { RunConfig } from '#run/domain/config.js';
import { countOf, replayWeights, type Reservoirs } from './domain/episodic.js';
import type { Remembered } from './domain/forecast.js';

type Drawing = Readonly<{
  seed: string;
  sequence: number;
  corpora: readonly Corpus[];
  families: readonly Family[];
}>;

/** One remembered sequence: where it was first, and the SHA-256 of its tokens, targets and mask. */
export type RememberedSequence = Origin & Readonly<{ domain: string; sha256: string }>;

const placesOf = (remembered: Reservoirs): readonly (Origin & Readonly<{ domain: string }>)[] =>
  Object.entries(remembered).flatMap(([domain, origins]) => origins.map((origin) => ({ domain, ...origin })));

/** What a proposal says of its memory that follows from the run's events alone. */
export const claimOf = (
  config: Pick<RunConfig, 'general' | 'memory'>,
  remembered: Reservoirs,
): Omit<Remembered, 'sequences'> => ({
  placesDigest: sha256(canonicalJson(placesOf(remembered))),
  count: countOf(remembered),
  replayWeightsPpm: replayWeights(config, remembered),
});

/**
 * The remembered sequences as an artifact lists them: by domain, in the order in which they would be given up last. They are
 * drawn anew from what they were drawn from, so none has to be kept.
 */
export const listRemembered = (remembered: Reservoirs, drawing: Drawing): Uint8Array => {
  const places = placesOf(remembered);
  const list = (sequences: readonly RememberedSequence[]): Uint8Array =>
    new TextEncoder().encode(canonicalJson(sequences));
  if (places.length === 0) return list([]);
  const blob = new SequenceBlob(countOf(remembered), drawing.sequence);
  const draw = drawInto(blob, drawing);
  for (const { domain, ...origin } of places) draw(domain, origin);
  const drawn = decodeSequences(blob.finish());
  return list(
    places.map((place, at) => {
      const { tokens, targets, mask } = drawn[at] as (typeof drawn)[number];
      return { ...place, sha256: sha256(tokens, targets, mask) };
    }),
  );
};
