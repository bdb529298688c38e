import { z } from 'zod';
import { event } from '#ledger/event.js';
import { countSchema, nameSchema, artifactSchema, sha256Schema } from '#ledger/schema.js';

export const ROLES = ['scout', 'gate', 'shadow', 'report'] as const;
export type Role = (typeof ROLES)[number];

export const ProbeSuiteSealed = event(
  'ProbeSuiteSealed',
  z.strictObject({
    suite: nameSchema,
    role: z.enum(ROLES),
    /** What its units are measured in: bits per byte of documents, accuracy of blocks, or both in one suite. */
    metrics: z.array(z.enum(['bits-per-byte', 'accuracy'])).min(1),
    /** Artifact: a PLSQ blob, or for a drawn suite the JSON definition of its generator. */
    itemsArtifact: artifactSchema,
    /** Artifact: JSON units of the blob; null for a drawn suite, whose units follow from the definition. */
    unitsArtifact: artifactSchema.nullable(),
    /** Sequences sealed; 0 for a drawn suite. */
    items: countSchema,
    /** Independent units sealed (documents, blocks, domains); 0 for a drawn suite. */
    clusters: countSchema,
    /** Tokens per sequence. */
    sequence: countSchema,
    /** Windows not taken since they share a 64-byte shingle with training text. */
    overlapLeftOut: countSchema,
    /** SHA-256 that fixes the suite before any candidate exists; part of every shadow seed. */
    seedCommitment: sha256Schema,
    reuseBudgetQueries: countSchema,
    /** Corpora whose text is in the suite. */
    corpora: z.array(nameSchema),
    /** Families whose sequences are in the suite. */
    families: z.array(z.string()),
  }),
);

export const ProbeSuiteQueried = event(
  'ProbeSuiteQueried',
  z.strictObject({
    suite: nameSchema,
    run: nameSchema,
    cycle: countSchema,
    candidate: artifactSchema,
    /** The sealed items as they were loaded, checked against the seal. */
    itemsArtifact: artifactSchema,
    /** 0 for the first query of this suite. */
    queryIndex: countSchema,
    /** What is left of the reuse budget after this query; negative when overdrawn. */
    remaining: z.int(),
  }),
);

export const suiteEvents = [ProbeSuiteSealed, ProbeSuiteQueried] as const;
