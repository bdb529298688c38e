import { z } from 'zod';

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

const isPlain = (value: object): boolean =>
  Object.getPrototypeOf(value) === Object.prototype || Object.getPrototypeOf(value) === null;

const canonical = (value: unknown, path: string): string => {
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new NotCanonical(`${path}: a lone surrogate is not text`);
    return JSON.stringify(value);
  }
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new NotCanonical(`${path}: ${value} is not a finite number`);
    return JSON.stringify(value);
  }
  // Array.from, since map would leave the holes of a sparse array out.
  if (Array.isArray(value)) return `[${Array.from(value, (item, at) => canonical(item, `${path}[${at}]`)).join(',')}]`;
  if (typeof value !== 'object' || !isPlain(value))
    throw new NotCanonical(`${path}: ${typeof value} has no place in JSON`);
  // Written out by hand: an object would put keys like "10" and "9" into numeric order.
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, item]) => `${canonical(key, path)}:${canonical(item, `${path}.${key}`)}`).join(',')}}`;
};

/** RFC 8785 (JCS) text of a value: keys in UTF-16 order, numbers and strings as ECMAScript writes them. */
export const canonicalJson = (value: unknown): string => canonical(value, '$');

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const checkEnvelope = (record: unknown): Record => {
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
  if (canonicalJson(record) !== text) throw new NotCanonical('the bytes are not RFC 8785 JSON');
  return record;
};
