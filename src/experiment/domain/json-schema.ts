import { z } from 'zod';
import { registrationSchema } from './checked-registration.js';

/** A distillation has no cycles; everything else says how many. */
const withoutCycles = ({ required = [], ...schema }: Readonly<{ required?: string[] }>): object => ({
  ...schema,
  required: required.filter((field) => field !== 'cycles'),
  anyOf: [{ required: ['cycles'] }, { required: ['distillation'] }],
});

/** JSON Schema (draft 2020-12) of an experiment as a person registers it. */
export const experimentJsonSchema = (): Readonly<{ [keyword: string]: unknown }> => ({
  ...withoutCycles(z.toJSONSchema(registrationSchema, { io: 'input' })),
  title: 'prometheus-ledger experiment',
  description:
    'A question, its arms, seeds and hypotheses, fixed before the first run. What a schema cannot say (names that must fit, enough seeds for a test, arms within the scope of their constitution) is checked by `experiment register`.',
});
