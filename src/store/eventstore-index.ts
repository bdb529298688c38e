import type { Position, RecordedEvent } from '@eventstore/db-client';
import { LogDamaged, type Recorded } from '#ledger/log.js';
import { parseRecord } from '#ledger/record.js';
import { recordIn, type StoredNames } from './eventstore-records.js';

/**
 * Where every record of the log lies in the store. The store's positions are offsets in its files; the log's are 1, 2, 3,
 * in the same order. Kept in memory, and made anew from the store whenever it is opened.
 */
export class EventStoreIndex {
  private readonly places: Position[] = [];
  private readonly ids = new Map<string, number>();
  private readonly revisions = new Map<string, number>();
  private latest: Uint8Array | undefined;

  constructor(
    private readonly names: StoredNames,
    private readonly store: string,
  ) {}

  head(): number {
    return this.places.length;
  }

  /** The record at the head, anew for every reader. */
  last(): Recorded | undefined {
    const bytes = this.latest?.slice();
    return bytes && { position: this.head(), bytes, record: parseRecord(bytes) };
  }

  lastRevision(stream: string): number | 'no-stream' {
    return this.revisions.get(stream) ?? 'no-stream';
  }

  positionOf(id: string): number | undefined {
    return this.ids.get(id.toLowerCase());
  }

  placeOf(position: number): Position | undefined {
    return this.places[position - 1];
  }

  /** The next event of the store. @throws LogDamaged for one in a stream of the log that is not its next record. */
  take(event: RecordedEvent, place: Position): void {
    const stream = this.names.own(event.streamId);
    if (stream === undefined) return;
    const found = recordIn(event, stream);
    const before = this.revisions.get(stream) ?? -1;
    if (!found && before < 0) return;
    if (!found || found.record.revision !== before + 1 || this.positionOf(found.record.id) !== undefined)
      throw new LogDamaged(
        `the log at ${this.store}: event ${event.id} at revision ${event.revision} of ${event.streamId} is not the next record of that stream; another program has written there, or its events were cut off`,
      );
    this.places.push(place);
    this.ids.set(found.record.id.toLowerCase(), this.places.length);
    this.revisions.set(stream, found.record.revision);
    this.latest = found.bytes;
  }

  /** A record that was read from the store, with its position; undefined for what is none of the log's. */
  recorded(event: RecordedEvent): Recorded | undefined {
    const stream = this.names.own(event.streamId);
    const position = stream === undefined ? undefined : this.positionOf(event.id);
    if (stream === undefined || position === undefined) return undefined;
    const found = recordIn(event, stream);
    if (!found)
      throw new LogDamaged(
        `the log at ${this.store}: event ${event.id} of ${event.streamId} is not the record that it was`,
      );
    return { position, ...found };
  }
}
