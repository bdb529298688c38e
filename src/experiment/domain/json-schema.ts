import { z } from 'zod';
import { registrationSchema } from './checked-registration.js';

/** JSON Schema (draft 2020-12) of an experiment as a person registers it. */
export const experimentJsonSchema = (): Readonly<{ [keyword: string]: unknown }> => ({
  ...(z.toJSONSchema(registrationSchema, { io: 'input' }) as object),
  title: 'prometheus-ledger experiment',
  description:
    'A question, its arms, seeds and hypotheses, fixed before the first run. What a schema cannot say (names that must fit, enough seeds for a test, arms within the scope of their constitution) is checked by `experiment register`.',
});
