import { z } from 'zod';
import type { AnyEventType } from '#ledger/event.js';

/**
 * A field names an artifact where its schema says so: `sha256Schema.meta({ artifact: true })`. The annotation stands in
 * the published JSON Schema too, so that a verifier in another language knows which files a log promises.
 */
const ANNOTATION = 'artifact';

type JsonSchema = Readonly<{
  [ANNOTATION]?: unknown;
  properties?: Readonly<Record<string, JsonSchema>>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  prefixItems?: readonly JsonSchema[];
  anyOf?: readonly JsonSchema[];
  oneOf?: readonly JsonSchema[];
  allOf?: readonly JsonSchema[];
}>;

/** Steps into a value: a key, or every element of an array or record. */
const EVERY = '*';
type Path = readonly string[];

const pathsOf = (schema: JsonSchema, path: Path = []): readonly Path[] => {
  if (schema[ANNOTATION] === true) return [path];
  const below = (child: JsonSchema, step: string): readonly Path[] => pathsOf(child, [...path, step]);
  const { additionalProperties: rest } = schema;
  return [
    ...Object.entries(schema.properties ?? {}).flatMap(([key, child]) => below(child, key)),
    ...(rest !== null && typeof rest === 'object' ? below(rest, EVERY) : []),
    ...(schema.items ? below(schema.items, EVERY) : []),
    ...(schema.prefixItems ?? []).flatMap((child, at) => below(child, String(at))),
    ...[...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])].flatMap((child) =>
      pathsOf(child, path),
    ),
  ];
};

const jsonSchemaOf = (schema: z.ZodType): JsonSchema =>
  z.toJSONSchema(schema, { reused: 'inline', unrepresentable: 'any', io: 'input' }) as JsonSchema;

const valuesAt = (value: unknown, [step, ...rest]: Path): readonly unknown[] => {
  if (step === undefined) return [value];
  if (value === null || typeof value !== 'object') return [];
  const children = step === EVERY ? Object.values(value) : [(value as Readonly<Record<string, unknown>>)[step]];
  return children.flatMap((child) => valuesAt(child, rest));
};

/** Which artifacts an event names, by its type, version and data as stored. */
export class ArtifactFields {
  private readonly paths = new Map<string, readonly Path[]>();

  constructor(events: readonly AnyEventType[]) {
    for (const kind of events)
      kind.schemas.forEach((schema, at) => this.paths.set(`${kind.type}.${at + 1}`, pathsOf(jsonSchemaOf(schema))));
  }

  named(type: string, version: number, data: unknown): readonly string[] {
    const paths = this.paths.get(`${type}.${version}`) ?? [];
    return paths.flatMap((path) => valuesAt(data, path)).filter((value): value is string => typeof value === 'string');
  }
}
