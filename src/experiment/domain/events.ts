import { z } from 'zod';
import { event, type EventOf } from '#ledger/event.js';
import { registrationShape } from './registration.js';

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

/** Every event of the stream `experiment-<id>`. */
export const experimentEvents = [ExperimentRegistered, RegistrationAmended] as const;
export type ExperimentEvent = EventOf<(typeof experimentEvents)[number]>;
