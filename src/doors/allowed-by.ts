import { z } from 'zod';

type Path = readonly PropertyKey[];
type Def = Readonly<{
  type: string;
  innerType?: z.ZodType;
  in?: z.ZodType;
  options?: readonly z.ZodType[];
  shape?: Readonly<Record<string, z.ZodType>>;
  element?: z.ZodType;
  valueType?: z.ZodType;
}>;

const defOf = (schema: z.ZodType): Def => schema._zod.def as unknown as Def;

/** The forms that a schema allows, without what only wraps them. */
const formsOf = (schema: z.ZodType): readonly z.ZodType[] => {
  const { innerType, in: input, options } = defOf(schema);
  if (options) return options.flatMap(formsOf);
  const inside = innerType ?? input;
  return inside ? formsOf(inside) : [schema];
};

const step = (schema: z.ZodType, key: PropertyKey): readonly z.ZodType[] =>
  formsOf(schema).flatMap((form) => {
    const { shape, element, valueType } = defOf(form);
    return shape?.[String(key)] ?? element ?? valueType ?? [];
  });

/** All forms that a value at a path may have. */
const formsAt = (schema: z.ZodType, path: Path): readonly z.ZodType[] =>
  path
    .reduce<readonly z.ZodType[]>((parts, key) => parts.flatMap((part) => step(part, key)), [schema])
    .flatMap(formsOf);

/** Names of the fields that an object at a path may have; none where it may have any. */
export const fieldsAt = (schema: z.ZodType, path: Path): readonly string[] => [
  ...new Set(formsAt(schema, path).flatMap((form) => Object.keys(defOf(form).shape ?? {}))),
];

type Range = Readonly<{
  type?: string;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  multipleOf?: number;
}>;

const inWords = ({ type, minimum, exclusiveMinimum, maximum, multipleOf }: Range): string => {
  const least = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : undefined;
  const most = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : undefined;
  const words = [
    type === 'integer' ? 'a whole number' : 'a number',
    least === undefined ? '' : most === undefined ? `of at least ${least}` : `from ${least}`,
    exclusiveMinimum === undefined ? '' : `above ${exclusiveMinimum}`,
    most === undefined ? '' : `${least === undefined ? 'of at most' : 'to'} ${most}`,
  ];
  return (
    words.filter((word) => word !== '').join(' ') + (multipleOf === undefined ? '' : `, a multiple of ${multipleOf}`)
  );
};

/** "a whole number from 1 to 900", where a number and nothing else is allowed at a path. */
export const numberAt = (schema: z.ZodType, path: Path): string | undefined => {
  const forms = formsAt(schema, path);
  const [only] = forms;
  if (!only || forms.length > 1 || defOf(only).type !== 'number') return undefined;
  return inWords(z.toJSONSchema(only, { io: 'input' }) as Range);
};

/** Changes of single letters that make one word of the other. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
};

/** The name that was probably meant: at most a third of its letters are others. */
export const nearest = (word: string, names: readonly string[]): string | undefined => {
  const [best] = names
    .map((name) => ({ name, far: distance(word.toLowerCase(), name.toLowerCase()) }))
    .sort((a, b) => a.far - b.far);
  return best && best.far <= Math.max(1, Math.floor(best.name.length / 3)) ? best.name : undefined;
};
