import { MalformedEvent, type AnyEventType } from '#ledger/event.js';
import { parseRecord, recordSchema, type Record } from '#ledger/record.js';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Whether every object's keys stand in UTF-16 order, as RFC 8785 wants them. */
const isSorted = (value: unknown): boolean => {
  if (value === null || typeof value !== 'object') return true;
  if (Array.isArray(value)) return value.every(isSorted);
  let before: string | undefined;
  for (const key in value) {
    if (before !== undefined && before >= key) return false;
    before = key;
    if (!isSorted((value as { [key: string]: unknown })[key])) return false;
  }
  return true;
};

/**
 * The same answer as `parseRecord` for stored bytes, several times faster where they are canonical: text that the engine
 * writes back unchanged, with sorted keys and no escaped surrogate, is RFC 8785 JSON.
 * @throws SyntaxError, MalformedRecord, NotCanonical
 */
export const readRecord = (bytes: Uint8Array): Readonly<{ record: Record; text: string }> => {
  const text = decoder.decode(bytes);
  const value: unknown = JSON.parse(text);
  const plain = !text.includes('\\ud') && JSON.stringify(value) === text && isSorted(value);
  if (plain && recordSchema.safeParse(value).success) return { record: value as Record, text };
  return { record: parseRecord(bytes), text };
};

/** Knows the events of this build and says what is wrong with a record that is none of them. */
export class EventReader {
  private readonly kinds: ReadonlyMap<string, AnyEventType>;

  constructor(events: readonly AnyEventType[]) {
    this.kinds = new Map(events.map((kind) => [kind.type, kind]));
  }

  /** @throws MalformedEvent */
  check(record: Record): void {
    const kind = this.kinds.get(record.type);
    if (!kind) throw new MalformedEvent(`${record.stream}: this build does not know the event ${record.type}`);
    kind.decode(record);
  }
}
