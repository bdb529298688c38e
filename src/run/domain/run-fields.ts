/** Fields of a run file as somebody wrote them. */
export type Fields = { [field: string]: unknown };

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Whether `a.b.c` can name a field. */
export const isFieldPath = (path: string): boolean =>
  path.split('.').every((key) => key !== '' && !(key in Object.prototype));

/** Sets what `a.b.c` names; what stands in the way is replaced. */
export const setField = (fields: Fields, path: string, value: unknown): void => {
  const keys = path.split('.');
  let inside = fields;
  for (const key of keys.slice(0, -1)) {
    if (!isFields(inside[key])) inside[key] = {};
    inside = inside[key] as Fields;
  }
  inside[keys.at(-1) ?? ''] = value;
};

/** What `a.b.c` names; undefined where there is no such field. */
export const fieldAt = (fields: Fields, path: string): unknown =>
  path
    .split('.')
    .reduce<unknown>(
      (inside, key) => (isFields(inside) && Object.hasOwn(inside, key) ? inside[key] : undefined),
      fields,
    );
