import type { z } from 'zod';
import { fieldsAt, nearest, numberAt } from './allowed-by.js';
import type { Misfit } from './dispatch.js';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

const valueAt = (input: unknown, path: Path): unknown =>
  path.reduce<unknown>((value, key) => (value as { [key: PropertyKey]: unknown } | null | undefined)?.[key], input);

const LONGEST_VALUE = 60;
const shown = (value: unknown): string => {
  if (value === undefined) return 'missing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
};

/** An issue at the value itself says that another form was meant; one inside it says what is wrong with this form. */
const aboutTheForm = (issue: Issue | undefined): boolean =>
  issue === undefined ||
  (issue.path.length === 0 && issue.code !== 'unrecognized_keys' && issue.code !== 'invalid_union');

/** Of the forms a union allows, the issue of the one that was meant; undefined when none was. */
const meant = (issue: Issue): Issue | undefined => {
  if (issue.code !== 'invalid_union') return undefined;
  const forms = issue.errors.filter(([first]) => !aboutTheForm(first)).sort((a, b) => a.length - b.length);
  const [found] = forms[0] ?? [];
  return found && { ...found, path: [...issue.path, ...found.path] };
};

const lower = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

const messageOf = (issue: Issue): string => {
  if (issue.code !== 'invalid_union') return lower(issue.message.replace(/^Invalid (input|option): /, ''));
  const expected = issue.errors.flatMap(([first]) => (first ? [messageOf(first)] : []));
  return [...new Set(expected)].join(', or ') || 'another form is expected';
};

const noSuchField = (path: Path, keys: readonly string[], known: readonly string[]): string => {
  const fields = keys.map((key) => [...path, key].join('.')).join(', ');
  const [first = ''] = keys;
  const close = nearest(first, known);
  const advice = close === undefined ? '' : `, did you mean ${[...path, close].join('.')}?`;
  const allowed = known.length === 0 ? '' : `${close === undefined ? '.' : ''} Allowed: ${known.join(', ')}`;
  return `${fields}: no such field${advice}${allowed}`;
};

/**
 * One line about a value that a schema refuses: field, what was given, what is allowed.
 * @param schema that refused it, for fields and ranges that the issue does not name
 */
export const explainIssue = (issue: Issue | undefined, input: unknown, schema?: z.ZodType): string => {
  if (!issue) return 'malformed';
  const inside = meant(issue);
  if (inside) return explainIssue(inside, input, schema);
  if (issue.code === 'unrecognized_keys')
    return noSuchField(issue.path, issue.keys, schema ? fieldsAt(schema, issue.path) : []);
  const field = issue.path.length > 0 ? issue.path.join('.') : 'the file';
  const number = schema && issue.code === 'invalid_type' ? numberAt(schema, issue.path) : undefined;
  const allowed = number === undefined ? messageOf(issue) : `${number} is needed`;
  return `${field}: ${shown(valueAt(input, issue.path))}: ${allowed}`;
};

/** The same apart: the field, its value, and what is allowed there. */
export const misfitOf = (issue: Issue, input: unknown, schema: z.ZodType): Misfit => {
  const inside = meant(issue);
  if (inside) return misfitOf(inside, input, schema);
  const field = issue.path.join('.');
  const value = valueAt(input, issue.path);
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const known = fieldsAt(schema, issue.path);
    const allowed = known.length > 0 ? `no such field; there are ${known.join(', ')}` : 'no such field; leave it out';
    return { field: [...issue.path, key].join('.'), value: valueAt(value, [key]), allowed };
  }
  const number = issue.code === 'invalid_type' ? numberAt(schema, issue.path) : undefined;
  return { field, value, allowed: number === undefined ? messageOf(issue) : `${number} is needed` };
};
