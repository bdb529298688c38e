import { z } from 'zod';
import { isPlainEnvelope } from './envelope.js';

/** Longest record in bytes: an entry of a tlog-tiles bundle has a 16-bit length. */
export const MAX_RECORD_BYTES = 65_535;

export const actorSchema = z.strictObject({
  kind: z.enum(['human', 'service', 'trainer', 'evaluator', 'policy']),
  id: z.string().min(1),
  build: z.string(),
});
export type Actor = Readonly<z.output<typeof actorSchema>>;

export const recordSchema = z.strictObject({
  id: z.uuid(),
  stream: z.string().min(1).max(200),
  revision: z.int().nonnegative(),
  type: z.string().min(1),
  version: z.int().positive(),
  recordedAt: z.iso.datetime(),
  actor: actorSchema,
  causationId: z.uuid(),
  correlationId: z.uuid(),
  data: z.record(z.string(), z.unknown()),
});

/** One event as it lies in the log. It holds nothing that a store assigns, so its bytes are the same everywhere. */
export type Record = Readonly<z.output<typeof recordSchema>>;

/** A record before the log gave it its place in the stream. */
export type Proposed = Omit<Record, 'stream' | 'revision'>;

export class RecordTooLarge extends Error {
  override readonly name = 'RecordTooLarge';
}

/** A record whose envelope is not one: an id that is no UUID, a stream without a name. */
export class MalformedRecord extends Error {
  override readonly name = 'MalformedRecord';
}

/** A value that RFC 8785 JSON cannot carry unchanged. */
export class NotCanonical extends Error {
  override readonly name = 'NotCanonical';
}

const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

type Members = Readonly<{ [key: string]: unknown }>;

/** Where and why a value is not canonical: the slow second look, with a path, after {@link write} gave up. */
const whyNot = (value: unknown, path: string): string | undefined => {
  if (typeof value === 'string') return value.isWellFormed() ? undefined : `${path}: a lone surrogate is not text`;
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : `${path}: ${value} is not a finite number`;
  if (value === null || typeof value === 'boolean') return undefined;
  if (typeof value !== 'object' || !(Array.isArray(value) || isPlain(value)))
    return `${path}: ${typeof value} has no place in JSON`;
  if (Array.isArray(value)) return Array.from(value, (item, at) => whyNot(item, `${path}[${at}]`)).find(Boolean);
  const members = Object.entries(value).filter(([, item]) => item !== undefined);
  return members.map(([key, item]) => whyNot(key, path) ?? whyNot(item, `${path}.${key}`)).find(Boolean);
};

const GIVE_UP = new NotCanonical('not canonical');

/** Text that stands between quotes as it is. */
const PLAIN = /^[ !#-[\]-~]*$/;

const quote = (text: string): string => {
  if (PLAIN.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw GIVE_UP;
  return JSON.stringify(text);
};

/** By UTF-16 code units, as sort() has it. */
const sortedKeys = (value: Members): readonly string[] => {
  const keys = Object.keys(value);
  return keys.every((key, at) => at === 0 || (keys[at - 1] as string) < key) ? keys : keys.sort();
};

const writeObject = (value: Members): string => {
  let text = '';
  // Written out by hand: an object would put keys like "10" and "9" into numeric order.
  for (const key of sortedKeys(value)) {
    const item = value[key];
    if (item !== undefined) text += `${text && ','}${quote(key)}:${write(item)}`;
  }
  return `{${text}}`;
};

const write = (value: unknown): string => {
  if (typeof value === 'string') return quote(value);
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (Array.isArray(value)) {
    let text = '';
    for (let at = 0; at < value.length; at += 1) text += at === 0 ? write(value[at]) : `,${write(value[at])}`;
    return `[${text}]`;
  }
  if (typeof value !== 'object' || !isPlain(value)) throw GIVE_UP;
  return writeObject(value as Members);
};

/**
 * RFC 8785 (JCS) text of a value: keys in UTF-16 order, numbers and strings as ECMAScript writes them.
 * @throws NotCanonical naming the path
 */
export const canonicalJson = (value: unknown): string => {
  try {
    return write(value);
  } catch (error) {
    throw error === GIVE_UP ? new NotCanonical(whyNot(value, '$')) : error;
  }
};

/** Whether every object has its keys in order and every string is text; then `JSON.stringify` is canonical too. */
const isOrdered = (value: unknown): boolean => {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  if (Array.isArray(value)) return value.every(isOrdered);
  let before = '';
  for (const key of Object.keys(value)) {
    if (key < before || !key.isWellFormed() || !isOrdered((value as Members)[key])) return false;
    before = key;
  }
  return true;
};

/** Whether this text, which was parsed to this value, is canonical. */
const isCanonical = (text: string, value: unknown): boolean =>
  (isOrdered(value) && JSON.stringify(value) === text) || canonicalJson(value) === text;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const checkEnvelope = (record: unknown): Record => {
  if (isPlainEnvelope(record)) return record as Record;
  const result = recordSchema.safeParse(record);
  // The value itself, not zod's copy: a copy would lose a key like "__proto__" of the data.
  if (result.success) return record as Record;
  const issue = result.error.issues[0];
  throw new MalformedRecord(`record: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'malformed'}`);
};

/** The bytes that are stored and hashed. @throws MalformedRecord, NotCanonical, {@link RecordTooLarge} above 65,535 bytes. */
export const recordBytes = (record: Record): Uint8Array => {
  const bytes = encoder.encode(canonicalJson(checkEnvelope(record)));
  if (bytes.length > MAX_RECORD_BYTES)
    throw new RecordTooLarge(
      `${record.type} in ${record.stream}: ${bytes.length} bytes, at most ${MAX_RECORD_BYTES} allowed; put the large part into an artifact`,
    );
  return bytes;
};

/** Reads stored bytes back. Throws when they are not the canonical bytes of a record. */
export const parseRecord = (bytes: Uint8Array): Record => {
  const text = decoder.decode(bytes);
  const record = checkEnvelope(JSON.parse(text));
  if (!isCanonical(text, record)) throw new NotCanonical('the bytes are not RFC 8785 JSON');
  return record;
};
