import { z } from 'zod';
import { event, type EventOf } from '#ledger/event.js';
import { artifactSchema, citeSchema, countSchema, nameSchema } from '#ledger/schema.js';
import { outcomeSchema, registrationShape } from './registration.js';

const textSchema = z.string().min(1).max(2_000);

/** Fixed before the first run begins, by the order of the log. */
export const ExperimentRegistered = event('ExperimentRegistered', z.strictObject({ registration: registrationShape }));

/** Before the first run too; the seeds stay those that the first registration's record gives. `before` and `after` are JSON text. */
export const RegistrationAmended = event(
  'RegistrationAmended',
  z.strictObject({
    version: z.int().min(2),
    registration: registrationShape,
    changes: z
      .array(z.strictObject({ path: z.string(), before: z.string().nullable(), after: z.string().nullable() }))
      .min(1),
    reason: textSchema,
  }),
);

const lookSchema = z.int().positive();
const probabilitySchema = z.number().min(0).max(1);

/** So many seeds are at their end, and their reports are read. `cites`: the last record of each run that counts. */
export const ExperimentLookOpened = event(
  'ExperimentLookOpened',
  z.strictObject({
    look: lookSchema,
    seeds: countSchema,
    /** This look's share of the registration's alpha. */
    alpha: z.number().positive(),
    cites: z.array(citeSchema).min(1),
  }),
);

/** What a hypothesis came to at a look; figures are in points of capability or percent of the anchor's bits per byte, positive where better. */
export const HypothesisConcluded = event(
  'HypothesisConcluded',
  z.strictObject({
    look: lookSchema,
    hypothesis: nameSchema,
    expected: outcomeSchema,
    outcome: outcomeSchema,
    /** Why it is inconclusive; null where it is not. */
    why: z.enum(['undecided', 'tooFewSeeds', 'zeroVariance', 'endedEarly', 'noReading']).nullable(),
    unit: z.enum(['points', 'percent']),
    /** `family`: hypotheses that are corrected for together. */
    method: z.strictObject({
      test: z.enum(['paired-t', 'wilcoxon']),
      alpha: z.number(),
      sesoi: z.number(),
      family: z.int().positive(),
    }),
    /** Seeds with a reading on both sides. */
    n: countSchema,
    estimate: z.number().nullable(),
    interval: z.strictObject({ level: z.number(), low: z.number().nullable(), high: z.number().nullable() }).nullable(),
    /** Of the registered claim alone and in its family; of a centre above 0, below 0, smaller than what is of interest, and not worse by as much. */
    p: z
      .strictObject({
        claim: probabilitySchema,
        holm: probabilitySchema,
        above: probabilitySchema,
        below: probabilitySchema,
        within: probabilitySchema,
        kept: probabilitySchema,
      })
      .nullable(),
    /** The metric's own values on both sides, and the difference that was tested. */
    values: z.array(
      z.strictObject({ seed: countSchema, arm: z.number(), against: z.number(), difference: z.number() }),
    ),
    leftOut: z.array(z.strictObject({ seed: countSchema, run: nameSchema, why: z.enum(['endedEarly', 'noReading']) })),
    /** What was said before of how it would end, with the squared error of the probability [Brier 1950]. */
    predictions: z.array(
      z.strictObject({ by: textSchema, outcome: outcomeSchema, probability: probabilitySchema, brier: z.number() }),
    ),
    /** The report's probes behind the values. */
    cites: z.array(citeSchema),
  }),
);

/** A registered claim that was shown not to hold: it came out otherwise, not merely undecided. */
export const NegativeResultDeclared = event(
  'NegativeResultDeclared',
  z.strictObject({
    look: lookSchema,
    hypothesis: nameSchema,
    expected: outcomeSchema,
    outcome: outcomeSchema,
  }),
);

/** Everything that the log says of the experiment, written out; who makes it again from the same records gets the same bytes. */
export const ReportPublished = event(
  'ReportPublished',
  z.strictObject({
    /** Looks that were taken when it was made. */
    looks: z.int().positive(),
    /** Position of the last record that it says anything of. */
    asOf: countSchema,
    /** Which wording and drawing made it; another one gives other bytes from the same records. */
    format: z.string().min(1).max(40),
    html: artifactSchema,
    markdown: artifactSchema,
    /** Pictures that the Markdown shows, by their file's name. */
    figures: z.array(z.strictObject({ name: nameSchema, svg: artifactSchema })),
  }),
);

/** Every event of the stream `experiment-<id>`. */
export const experimentEvents = [
  ExperimentRegistered,
  RegistrationAmended,
  ExperimentLookOpened,
  HypothesisConcluded,
  NegativeResultDeclared,
  ReportPublished,
] as const;
export type ExperimentEvent = EventOf<(typeof experimentEvents)[number]>;
export type DataOf<T extends ExperimentEvent['type']> = Extract<ExperimentEvent, { type: T }>['data'];
