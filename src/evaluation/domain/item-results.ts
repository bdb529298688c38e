import { z } from 'zod';

/** A candidate whose loss is not a finite number has none: null, which no rule passes. */
const itemSchema = z.strictObject({
  correct: z.int().nonnegative(),
  id: z.string().min(1),
  nllNats: z.number().nullable(),
  scored: z.int().nonnegative(),
});

const resultsSchema = z.strictObject({
  evaluator: z.string().min(1),
  items: z.array(itemSchema),
  suite: z.string().min(1),
});

export type ItemResult = Readonly<z.output<typeof itemSchema>>;

/** What one evaluator found for every item of a suite, in the suite's order: the evidence behind every figure. */
export type ItemResults = Readonly<{ suite: string; evaluator: string; items: readonly ItemResult[] }>;

/** Bytes that are not an item-results artifact, or results that do not fit together. */
export class MalformedResults extends Error {
  override readonly name = 'MalformedResults';
}

type Columns = Readonly<{ nllNats: Float64Array; scored: Uint32Array; correct: Uint32Array }>;

/** Joins an evaluator's columns with the ids of the items, given in the same order. */
export const itemResults = (
  suite: string,
  evaluator: string,
  ids: readonly string[],
  { nllNats, scored, correct }: Columns,
): ItemResults => {
  const lengths = [nllNats.length, scored.length, correct.length];
  if (lengths.some((length) => length !== ids.length))
    throw new MalformedResults(`${suite}: ${ids.length} items, but ${lengths.join(', ')} losses, counts, answers`);
  const items = ids.map((id, at) => {
    const nll = nllNats[at] ?? NaN;
    return {
      id,
      nllNats: Number.isFinite(nll) ? nll : null,
      scored: scored[at] ?? 0,
      correct: correct[at] ?? 0,
    };
  });
  return { suite, evaluator, items };
};

/**
 * The artifact: RFC 8785 JSON `{"evaluator", "items": [{"correct", "id", "nllNats", "scored"}], "suite"}` in UTF-8.
 * ECMAScript writes the shortest decimal that reads back as the same binary64, so losses are exact.
 */
export const encodeResults = ({ suite, evaluator, items }: ItemResults): Uint8Array => {
  const sorted = {
    evaluator,
    items: items.map(({ correct, id, nllNats, scored }) => ({ correct, id, nllNats, scored })),
    suite,
  };
  const checked = resultsSchema.safeParse(sorted);
  if (!checked.success) throw new MalformedResults(`${suite}: ${describe(checked.error)}`);
  return new TextEncoder().encode(JSON.stringify(sorted));
};

/** @throws MalformedResults unless the bytes are exactly what {@link encodeResults} writes. */
export const decodeResults = (bytes: Uint8Array): ItemResults => {
  const parsed = resultsSchema.safeParse(parseJson(bytes));
  if (!parsed.success) throw new MalformedResults(`item results: ${describe(parsed.error)}`);
  const written = encodeResults(parsed.data);
  if (written.length !== bytes.length || written.some((byte, at) => byte !== bytes[at]))
    throw new MalformedResults('item results: the bytes are not RFC 8785 JSON');
  return parsed.data;
};

const parseJson = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new MalformedResults(`item results: not JSON: ${(error as Error).message}`);
  }
};

const describe = (error: z.ZodError): string => {
  const issue = error.issues[0];
  return `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'malformed'}`;
};
