import { binaryEvent, jsonEvent, type EventData, type JSONType, type RecordedEvent } from '@eventstore/db-client';
import { LogUnwritable, type Recorded } from '#ledger/log.js';
import { canonicalJson, parseRecord, type Record } from '#ledger/record.js';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Streams that are never the log's: the store's own, and those a gateway leaves to other programs. */
const NEVER_OURS = ['$', 'ext-'];

/** An event as the store has it, whose data is a record and says the same as the event around it. */
export type FromStore = Readonly<{ bytes: Uint8Array; record: Record }>;

/** Streams of the log by their names in the store, which begin with the prefix. */
export class StoredNames {
  constructor(readonly prefix: string) {}

  stored(stream: string): string {
    return `${this.prefix}${stream}`;
  }

  /** The same for writing. @throws LogUnwritable */
  writable(stream: string): string {
    const stored = this.stored(stream);
    if (this.own(stored) === stream) return stored;
    throw new LogUnwritable(`${stream}: streams that begin with ${NEVER_OURS.join(' or ')} are not the log's`);
  }

  /** Undefined: no stream of the log has this name there. */
  own(stored: string): string | undefined {
    if (!stored.startsWith(this.prefix)) return undefined;
    const stream = stored.slice(this.prefix.length);
    return NEVER_OURS.some((begin) => stored.startsWith(begin) || stream.startsWith(begin)) ? undefined : stream;
  }
}

/** The client parses what is JSON: its canonical form is again the bytes that were hashed. */
const bytesOf = ({ isJson, data }: RecordedEvent): Uint8Array =>
  isJson ? encoder.encode(canonicalJson(data)) : (data as Uint8Array);

/** Undefined: the event is no record, or one that belongs elsewhere. */
export const recordIn = (event: RecordedEvent, stream: string): FromStore | undefined => {
  try {
    const bytes = bytesOf(event);
    const record = parseRecord(bytes);
    const fits =
      record.stream === stream &&
      record.revision === Number(event.revision) &&
      record.type === event.type &&
      record.id.toLowerCase() === event.id.toLowerCase();
    return fits ? { bytes, record } : undefined;
  } catch {
    return undefined;
  }
};

/** As JSON wherever the client writes exactly the bytes of the record, so that others can read it; else as bytes. */
export const toEvent = ({ record, bytes }: Recorded): EventData => {
  const { id, type, causationId, correlationId } = record;
  const text = decoder.decode(bytes);
  const metadata = { $causationId: causationId, $correlationId: correlationId };
  const data = JSON.parse(text) as JSONType;
  return JSON.stringify(data) === text
    ? jsonEvent({ id, type, data, metadata })
    : binaryEvent({ id, type, data: bytes, metadata });
};
