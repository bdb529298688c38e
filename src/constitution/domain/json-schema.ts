import { z } from 'zod';
import { constitutionInputSchema } from './document.js';

/** JSON Schema (draft 2020-12) of a constitution as a person writes it. */
export const constitutionJsonSchema = (): Readonly<{ [keyword: string]: unknown }> => ({
  ...(z.toJSONSchema(constitutionInputSchema, { io: 'input' }) as object),
  title: 'prometheus-ledger constitution',
  description:
    'How a model may change, and how a change is judged. Whatever is left out is the default. What a schema cannot say (needed rules, margins below the largest loss) is checked by `constitution lint`.',
});
