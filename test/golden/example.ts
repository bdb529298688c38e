/** The part of JSON Schema that the events' schemas use. */
export type Schema = Readonly<{
  const?: unknown;
  enum?: readonly unknown[];
  anyOf?: readonly Schema[];
  oneOf?: readonly Schema[];
  type?: string | readonly string[];
  properties?: Readonly<{ [name: string]: Schema }>;
  propertyNames?: Schema;
  additionalProperties?: Schema | boolean;
  items?: Schema;
  prefixItems?: readonly Schema[];
  minItems?: number;
  minLength?: number;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  multipleOf?: number;
  pattern?: string;
  format?: string;
}>;

const FORMATS: Readonly<Record<string, string>> = {
  uuid: '00000000-0000-4000-8000-00000000002a',
  'date-time': '2025-06-01T12:00:00.000Z',
  base64: 'AAEC/w==',
};

const textOf = ({ pattern, format = '', minLength = 0 }: Schema, name: string): string => {
  if (format in FORMATS) return FORMATS[format] ?? '';
  const base64 = /A-Za-z0-9\+\/\]\{(\d+)\}(=*)/.exec(pattern ?? '');
  if (base64) return 'A'.repeat(Number(base64[1])) + base64[2];
  if (pattern?.includes('{64}')) return Buffer.from(name.padEnd(32, '.').slice(0, 32)).toString('hex');
  if (pattern?.includes('a-z')) return name.toLowerCase().replaceAll(/[^a-z0-9]/g, '-');
  if (pattern?.includes('0-9')) return '42';
  return `${name} é`.padEnd(minLength, '.');
};

const numberOf = ({ type, minimum, exclusiveMinimum, maximum = Infinity, multipleOf = 1 }: Schema): number => {
  const least = Math.max(minimum ?? 0, exclusiveMinimum ?? 0);
  if (type === 'integer') return Math.max(multipleOf, least > 0 ? least : multipleOf);
  return Math.min(least + 0.125, maximum);
};

const listOf = ({ prefixItems, items, minItems = 1 }: Schema, name: string): readonly unknown[] =>
  prefixItems
    ? prefixItems.map((item) => example(item, name))
    : Array.from({ length: Math.max(1, minItems) }, () => example(items ?? {}, name));

const objectOf = ({ properties = {}, additionalProperties, propertyNames }: Schema): { [name: string]: unknown } => {
  const named = Object.entries(properties).map(([name, schema]) => [name, example(schema, name)]);
  const keys = propertyNames?.enum ?? [propertyNames ? example(propertyNames, 'key') : 'key'];
  const open = typeof additionalProperties === 'object' ? additionalProperties : undefined;
  const more = open ? keys.map((key) => [String(key), example(open, String(key))]) : [];
  return Object.fromEntries([...named, ...more]) as { [name: string]: unknown };
};

/** A value that the schema allows, with every optional field in it. */
export const example = (schema: Schema, name = 'data'): unknown => {
  if ('const' in schema) return schema.const;
  if (schema.enum) return schema.enum[0];
  const either = schema.anyOf ?? schema.oneOf;
  if (either) return example(either[0] ?? {}, name);
  switch (typeof schema.type === 'object' ? schema.type[0] : schema.type) {
    case 'string':
      return textOf(schema, name);
    case 'integer':
    case 'number':
      return numberOf(schema);
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'array':
      return listOf(schema, name);
    case 'object':
      return objectOf(schema);
    default:
      return name;
  }
};
