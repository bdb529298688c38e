import { z } from 'zod';

/** Shapes that many events share. */
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits');
/** A hash that names an artifact, so that verification can ask for its bytes. */
export const artifactSchema = sha256Schema.meta({ artifact: true });
/** Names of runs, corpora, suites and constitutions. */
export const NAME = /^[a-z0-9][a-z0-9.-]{0,62}$/;
export const nameSchema = z
  .string()
  .regex(NAME, 'must be 1 to 63 of a-z, 0-9, "." and "-", and begin with a letter or digit');
export const countSchema = z.int().nonnegative();
export const ppmSchema = z.int().min(0).max(1_000_000);
/** Where a cited record stands; placement, not outcome. */
export const citeSchema = z.strictObject({ stream: z.string(), revision: countSchema });
